package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What FITRIM hands over, as linux/fs.h has it.
 *
 * <pre>
 * start u64 | len u64 | minlen u64
 * </pre>
 *
 * All are bytes, and unsigned; afterwards the length is what was discarded. It lies at an offset in
 * memory.
 */
public final class TrimRange {
  public static final int BYTES = 24;

  private static final long LENGTH_AT = 8;
  private static final long MINIMUM_AT = 16;

  private TrimRange() {}

  public static long byteOffset(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG_UNALIGNED, at);
  }

  public static long lengthBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG_UNALIGNED, at + LENGTH_AT);
  }

  public static void lengthBytes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG_UNALIGNED, at + LENGTH_AT, value);
  }

  public static long runBytesMin(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG_UNALIGNED, at + MINIMUM_AT);
  }
}
