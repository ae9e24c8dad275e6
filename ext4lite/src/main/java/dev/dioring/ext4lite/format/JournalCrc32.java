package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The checksum of version 1 of a whole transaction: CRC-32 with the highest bit first and no
 * inversion, over its descriptor blocks and the copies as they lie in the log, in their order.
 */
public final class JournalCrc32 {
  /** The value a transaction starts with. */
  public static final int SEED = ~0;

  private static final int POLYNOMIAL = 0x04c1_1db7;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc << 1) ^ (crc < 0 ? POLYNOMIAL : 0);
      }
      TABLE[i] = crc;
    }
  }

  private JournalCrc32() {}

  /** Continues {@code crc} over a range of memory. */
  public static int update(int crc, MemorySegment memory, long byteOffset, long lengthBytes) {
    int next = crc;
    for (long i = byteOffset; i < byteOffset + lengthBytes; i++) {
      next = (next << 8) ^ TABLE[(next >>> 24) ^ BigEndian.u8(memory, i)];
    }
    return next;
  }
}
