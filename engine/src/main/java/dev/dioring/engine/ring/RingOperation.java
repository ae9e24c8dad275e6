package dev.dioring.engine.ring;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One operation on a ring, owned by its submitter and reused. It is the poller's from {@link
 * Poller#submit} until {@link #completed} is entered for the last time. Every method runs on the
 * poller thread.
 */
public abstract class RingOperation {
  static final int NO_SLOT = -1;

  /** Index in the poller's table while the kernel has the operation. */
  int slot = NO_SLOT;

  /** Next in the list of operations that wait for room. */
  @Nullable RingOperation next;

  /** The operation of a chain that starts when this one has succeeded. */
  @Nullable RingOperation linked;

  /** Time after which the kernel cancels the operation; 0 for none. */
  long timeoutNanos;

  /**
   * Writes the submission entry, except its user data and link flags. Called once per submission.
   * On a ring of wide entries a command may use the second half too; only what {@link
   * dev.dioring.bindings.Sqe#wideCommand} prepares is free of what an earlier entry left there.
   */
  protected abstract void prepare(MemorySegment sqes, long at);

  /**
   * The kernel is done with the operation, or was never given it. It may be submitted again from
   * here, to continue a short transfer for example. Must not block or throw.
   *
   * @param result the operation's result, or {@code -errno}: ECANCELED after a cancel, a timeout or
   *     the failure of the operation it was linked behind; ESHUTDOWN if the poller is closing
   * @param flags CQE_F_* flags; with CQE_F_MORE the operation goes on and this comes again
   */
  protected abstract void completed(int result, int flags);

  /** Submission entries that the operation takes with all that is linked to it. */
  final int entries() {
    int count = timeoutNanos == 0 ? 1 : 2;
    return linked == null ? count : count + linked.entries();
  }

  /** Whether nothing is linked to it and no time limits it: it takes one entry. */
  final boolean isPlain() {
    return linked == null && timeoutNanos == 0;
  }
}
