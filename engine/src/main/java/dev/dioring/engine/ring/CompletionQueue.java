package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.Cqe;
import dev.dioring.bindings.IoUringParams;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The completion side of a ring. The kernel writes entries and the tail, the poller the head.
 * Confined to the poller thread.
 */
final class CompletionQueue {
  private static final VarHandle INDEX = JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final MemorySegment cqes;
  private final long headAt;
  private final long tailAt;
  private final int mask;

  /** The first entry not yet given back. Indexes run freely and wrap at 2^32. */
  private int head;

  CompletionQueue(IoUringParams params, MemorySegment ring) {
    this.ring = ring;
    cqes = ring.asSlice(params.cqCqesOffset(), (long) params.cqEntries() * Cqe.BYTES);
    headAt = params.cqHeadOffset();
    tailAt = params.cqTailOffset();
    mask = params.cqEntries() - 1;
  }

  /** Entries to read. The acquire pairs with the kernel's release: their content is there. */
  int ready() {
    return (int) INDEX.getAcquire(ring, tailAt) - head;
  }

  long userData(int index) {
    return Cqe.userData(cqes, at(index));
  }

  int result(int index) {
    return Cqe.result(cqes, at(index));
  }

  int flags(int index) {
    return Cqe.flags(cqes, at(index));
  }

  /** Gives the first {@code count} entries back; the release orders our reads before it. */
  void consume(int count) {
    head += count;
    INDEX.setRelease(ring, headAt, head);
  }

  private long at(int index) {
    return (long) ((head + index) & mask) * Cqe.BYTES;
  }
}
