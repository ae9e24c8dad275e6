package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads and writes the integers that ext4 structures are made of. */
final class LittleEndian {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static int u8(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  static int u16(MemorySegment memory, long offset) {
    return memory.get(SHORT, offset) & 0xffff;
  }

  static long u32(MemorySegment memory, long offset) {
    return memory.get(INT, offset) & 0xffff_ffffL;
  }

  static int u16(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff) | (bytes[offset + 1] & 0xff) << 8;
  }

  static long u32(byte[] bytes, int offset) {
    return u16(bytes, offset) | (long) u16(bytes, offset + 2) << 16;
  }

  static int i32(MemorySegment memory, long offset) {
    return memory.get(INT, offset);
  }

  static long i64(MemorySegment memory, long offset) {
    return memory.get(LONG, offset);
  }

  static void put8(MemorySegment memory, long offset, int value) {
    memory.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  static void put16(MemorySegment memory, long offset, int value) {
    memory.set(SHORT, offset, (short) value);
  }

  static void put32(MemorySegment memory, long offset, long value) {
    memory.set(INT, offset, (int) value);
  }

  static void put64(MemorySegment memory, long offset, long value) {
    memory.set(LONG, offset, value);
  }

  /** A fixed-size text field: up to the first NUL, or all of it. */
  static String text(MemorySegment memory, long offset, int fieldBytes) {
    byte[] bytes = bytes(memory, offset, fieldBytes);
    int length = 0;
    while (length < fieldBytes && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  static byte[] bytes(MemorySegment memory, long offset, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, lengthBytes);
    return bytes;
  }
}
