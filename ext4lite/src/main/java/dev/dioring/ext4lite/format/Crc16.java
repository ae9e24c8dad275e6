package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * CRC-16 with polynomial 0x8005 reflected, the checksum of group descriptors before ext4's 2012.
 */
final class Crc16 {
  /** The value a chain starts with. */
  static final int SEED = 0xffff;

  private static final int POLYNOMIAL_REFLECTED = 0xa001;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL_REFLECTED : 0);
      }
      TABLE[i] = crc;
    }
  }

  private Crc16() {}

  static int update(int crc, MemorySegment memory, long byteOffset, long lengthBytes) {
    int next = crc;
    for (long i = byteOffset; i < byteOffset + lengthBytes; i++) {
      next = updateByte(next, LittleEndian.u8(memory, i));
    }
    return next;
  }

  static int update(int crc, byte[] bytes) {
    int next = crc;
    for (byte b : bytes) {
      next = updateByte(next, b & 0xff);
    }
    return next;
  }

  static int updateInt(int crc, int value) {
    int next = crc;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      next = updateByte(next, (value >>> shift) & 0xff);
    }
    return next;
  }

  private static int updateByte(int crc, int value) {
    return (crc >>> 8) ^ TABLE[(crc ^ value) & 0xff];
  }
}
