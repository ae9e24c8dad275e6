package dev.dioring.engine.ring;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One operation on a ring, owned by its submitter and reused. Every method runs on the poller
 * thread.
 */
public abstract class RingOperation {
  static final int NO_SLOT = -1;

  /** Index in the poller's table while the kernel has the operation; poller thread. */
  int slot = NO_SLOT;

  /** Next in the poller's queue of operations that found no room; poller thread. */
  @Nullable RingOperation next;

  /**
   * Writes the submission entry, except its user data. Called once per submission, and again when
   * the kernel asked for a retry.
   */
  protected abstract void prepare(MemorySegment sqes, long at);

  /**
   * The kernel is done with the operation. It may be submitted again from here, to continue a short
   * transfer for example. Must not block or throw.
   *
   * @param result the operation's result, or {@code -errno}
   * @param flags CQE_F_* flags; with CQE_F_MORE the operation goes on and this comes again
   */
  protected abstract void completed(int result, int flags);
}
