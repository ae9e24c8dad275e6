package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Which processors a thread may run on; see sched_setaffinity(2). */
public final class Affinity {
  private static final int CALLING_THREAD = 0;

  private static final LibcFunction SCHED_SETAFFINITY = LibcFunction.named("sched_setaffinity");

  private Affinity() {}

  /**
   * Keeps the calling thread, which must be a platform thread, on one processor.
   *
   * @param processor its number, as Linux counts them
   * @return 0, or {@code -EINVAL} if the process may not run there
   */
  public static int stayOn(int processor) {
    try (Arena arena = Arena.ofConfined()) {
      long words = processor / Long.SIZE + 1L;
      MemorySegment mask = arena.allocate(JAVA_LONG, words);
      mask.setAtIndex(JAVA_LONG, words - 1, 1L << processor);
      return SCHED_SETAFFINITY.callInt(CALLING_THREAD, mask.byteSize(), addressOf(mask));
    }
  }
}
