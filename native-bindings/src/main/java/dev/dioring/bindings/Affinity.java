package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Which processors a thread may run on; see sched_setaffinity(2). */
public final class Affinity {
  private static final int CALLING_THREAD = 0;

  /** Linux counts no more processors. */
  private static final int PROCESSORS_MAX = 8192;

  private static final LibcFunction SCHED_SETAFFINITY = LibcFunction.named("sched_setaffinity");
  private static final LibcFunction SCHED_GETAFFINITY = LibcFunction.named("sched_getaffinity");

  private final long[] mask;

  private Affinity(long[] mask) {
    this.mask = mask;
  }

  /**
   * One processor.
   *
   * @param number as Linux counts them, less than 8192
   */
  public static Affinity to(int number) {
    long[] mask = new long[PROCESSORS_MAX / Long.SIZE];
    mask[number / Long.SIZE] = 1L << number;
    return new Affinity(mask);
  }

  /** Those that the calling thread, which must be a platform thread, may run on now. */
  public static Affinity current() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(JAVA_LONG, PROCESSORS_MAX / Long.SIZE);
      int result = SCHED_GETAFFINITY.callInt(CALLING_THREAD, memory.byteSize(), addressOf(memory));
      if (result < 0) {
        throw new NativeException("sched_getaffinity", -result);
      }
      return new Affinity(memory.toArray(JAVA_LONG));
    }
  }

  /**
   * Keeps the calling thread, which must be a platform thread, on these processors.
   *
   * @return 0, or {@code -EINVAL} if the process may run on none of them
   */
  public int apply() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(JAVA_LONG, mask);
      return SCHED_SETAFFINITY.callInt(CALLING_THREAD, memory.byteSize(), addressOf(memory));
    }
  }
}
