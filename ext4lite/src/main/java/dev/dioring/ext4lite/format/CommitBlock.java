package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The block that ends a transaction. The rest of it is zero.
 *
 * <pre>
 * 00 header                                               type|size|-
 * 10 checksum         - ...
 * 30 commit_sec                          commit_nsec
 * </pre>
 *
 * <p>Version 1 of the checksums sets type and size and stores the {@link JournalCrc32} of the
 * transaction; versions 2 and 3 store the block's own checksum and leave them 0.
 */
public final class CommitBlock {
  /** What has a meaning. */
  public static final int SIZE_BYTES = 0x3c;

  /** Type of a checksum of version 1. */
  public static final int CHECKSUM_CRC32 = 1;

  static final int CHECKSUM_OFFSET = 0x10;
  private static final int CRC32_BYTES = 4;

  private CommitBlock() {}

  /** Writes a block without a checksum over what was there. */
  public static void put(
      MemorySegment block, long base, int blockSizeBytes, int sequence, long seconds, int nanos) {
    block.asSlice(base, blockSizeBytes).fill((byte) 0);
    JournalHeader.put(block, base, JournalHeader.COMMIT, sequence);
    BigEndian.put64(block, base + 0x30, seconds);
    BigEndian.put32(block, base + 0x38, nanos);
  }

  /** When it was committed, in seconds since 1970. */
  public static long seconds(MemorySegment block, long base) {
    return BigEndian.i64(block, base + 0x30);
  }

  public static int nanos(MemorySegment block, long base) {
    return BigEndian.i32(block, base + 0x38);
  }

  public static int checksum(MemorySegment block, long base) {
    return BigEndian.i32(block, base + CHECKSUM_OFFSET);
  }

  static void checksum(MemorySegment block, long base, int checksum) {
    BigEndian.put32(block, base + CHECKSUM_OFFSET, checksum);
  }

  /** Stores a checksum of version 1. */
  public static void putCrc32(MemorySegment block, long base, int crc) {
    BigEndian.put8(block, base + 0x0c, CHECKSUM_CRC32);
    BigEndian.put8(block, base + 0x0d, CRC32_BYTES);
    checksum(block, base, crc);
  }

  /** Whether it stores this checksum of version 1, or none, which is as good. */
  public static boolean matchesCrc32(MemorySegment block, long base, int crc) {
    int type = BigEndian.u8(block, base + 0x0c);
    int size = BigEndian.u8(block, base + 0x0d);
    int stored = checksum(block, base);
    boolean none = type == 0 && size == 0 && stored == 0;
    return none || (type == CHECKSUM_CRC32 && size == CRC32_BYTES && stored == crc);
  }
}
