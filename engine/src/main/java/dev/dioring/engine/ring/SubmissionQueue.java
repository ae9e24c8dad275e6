package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.IoUringParams;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The submission side of a ring. The poller writes entries and the tail, the kernel the head.
 * Confined to the poller thread.
 */
final class SubmissionQueue {
  private static final VarHandle INDEX = JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final MemorySegment sqes;
  private final long headAt;
  private final long tailAt;
  private final long flagsAt;
  private final int entries;

  /** Base 2 logarithm of the size of an entry. */
  private final int entryShift;

  /** One behind the last entry taken, published or not. Indexes run freely and wrap at 2^32. */
  private int tail;

  SubmissionQueue(IoUringParams params, MemorySegment ring, MemorySegment sqes) {
    this.ring = ring;
    this.sqes = sqes;
    headAt = params.sqHeadOffset();
    tailAt = params.sqTailOffset();
    flagsAt = params.sqFlagsOffset();
    entries = params.sqEntries();
    entryShift = Long.numberOfTrailingZeros(sqes.byteSize() / entries);
  }

  int entries() {
    return entries;
  }

  /** The array that {@link #next} gives offsets into. */
  MemorySegment sqes() {
    return sqes;
  }

  /** Entries that may be written. */
  int space() {
    return entries - pending();
  }

  /**
   * Entries taken that the kernel has not read yet. The acquire pairs with the kernel's release of
   * the head: an entry counted as free has been read.
   */
  int pending() {
    return tail - (int) INDEX.getAcquire(ring, headAt);
  }

  /** Takes the next entry, which {@link #space} showed to be free. */
  long next() {
    return (long) (tail++ & (entries - 1)) << entryShift;
  }

  /** Number of the entry that {@link #next} gave. */
  int numberOf(long at) {
    return (int) (at >> entryShift);
  }

  /** Shows the kernel all entries taken: the release orders their content before the tail. */
  void publish() {
    INDEX.setRelease(ring, tailAt, tail);
  }

  /** SQ_* flags. */
  int flags() {
    return (int) INDEX.getAcquire(ring, flagsAt);
  }
}
