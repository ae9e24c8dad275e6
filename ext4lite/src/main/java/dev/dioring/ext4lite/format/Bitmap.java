package dev.dioring.ext4lite.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A bitmap as it is on disk: bit 0 is the lowest of the first byte. Its memory is whole words of 64
 * bits.
 */
public final class Bitmap {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Bitmap() {}

  public static boolean isSet(MemorySegment bits, int index) {
    return (bits.get(JAVA_BYTE, index / Byte.SIZE) >> (index % Byte.SIZE) & 1) != 0;
  }

  /** The first set bit from {@code from} on, or {@code end} if there is none before. */
  public static int nextSet(MemorySegment bits, int from, int end) {
    return next(bits, from, end, 0);
  }

  /** The first clear bit from {@code from} on, or {@code end} if there is none before. */
  public static int nextClear(MemorySegment bits, int from, int end) {
    return next(bits, from, end, -1L);
  }

  /**
   * Looks for the first bit that differs.
   *
   * @param passed all bits alike, those to pass over
   */
  private static int next(MemorySegment bits, int from, int end, long passed) {
    int at = from;
    while (at < end) {
      int inWord = at % Long.SIZE;
      long word = (bits.get(WORD, (at - inWord) / Byte.SIZE) ^ passed) >>> inWord;
      if (word != 0) {
        return Math.min(end, at + Long.numberOfTrailingZeros(word));
      }
      at += Long.SIZE - inWord;
    }
    return end;
  }

  public static void set(MemorySegment bits, int from, int end) {
    change(bits, from, end, true);
  }

  public static void clear(MemorySegment bits, int from, int end) {
    change(bits, from, end, false);
  }

  private static void change(MemorySegment bits, int from, int end, boolean on) {
    int at = from;
    while (at < end) {
      int inWord = at % Long.SIZE;
      int count = Math.min(end - at, Long.SIZE - inWord);
      long mask = (count == Long.SIZE ? -1L : (1L << count) - 1) << inWord;
      int offset = (at - inWord) / Byte.SIZE;
      long word = bits.get(WORD, offset);
      bits.set(WORD, offset, on ? word | mask : word & ~mask);
      at += count;
    }
  }
}
