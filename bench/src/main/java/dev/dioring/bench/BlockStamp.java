package dev.dioring.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A header that lets a block be recognised: whose place it belongs to, and a checksum of the rest.
 *
 * <pre>
 *  0        8             16       20        24
 *  +--------+-------------+--------+---------+----- ...
 *  | magic  | byte offset | crc32c | zero    | content
 *  +--------+-------------+--------+---------+----- ...
 * </pre>
 *
 * The checksum covers the offset and the content.
 */
final class BlockStamp {
  static final int BYTES = 512;

  private static final long MAGIC = 0x676E69726F6964AAL;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long OFFSET_AT = 8;
  private static final long CHECKSUM_AT = 16;
  private static final long CONTENT_AT = 24;

  private BlockStamp() {}

  /** Fills memory with bytes that do not compress. */
  static void fill(MemorySegment memory, long seed) {
    long state = seed;
    long at = 0;
    for (; at + Long.BYTES <= memory.byteSize(); at += Long.BYTES) {
      state++;
      memory.set(LONG, at, BlockOrder.mix(state));
    }
    for (; at < memory.byteSize(); at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) at);
    }
  }

  static void stamp(MemorySegment block, long byteOffset) {
    block.set(LONG, 0, MAGIC);
    block.set(LONG, OFFSET_AT, byteOffset);
    block.set(INT, CHECKSUM_AT + Integer.BYTES, 0);
    block.set(INT, CHECKSUM_AT, checksum(block));
  }

  /** Says in a clause what is wrong with a block, or null if nothing is. */
  static @Nullable String check(MemorySegment block, long byteOffset) {
    long magic = block.get(LONG, 0);
    if (magic != MAGIC) {
      return "starts with 0x" + Long.toHexString(magic) + ", not the magic of a verified write";
    }
    long offset = block.get(LONG, OFFSET_AT);
    if (offset != byteOffset) {
      return "was written for offset " + offset;
    }
    int expected = block.get(INT, CHECKSUM_AT);
    int found = checksum(block);
    return expected == found
        ? null
        : String.format("has checksum 0x%08x, but 0x%08x is stored in it", found, expected);
  }

  private static int checksum(MemorySegment block) {
    CRC32C crc = new CRC32C();
    crc.update(block.asSlice(OFFSET_AT, Long.BYTES).asByteBuffer());
    crc.update(block.asSlice(CONTENT_AT).asByteBuffer());
    return (int) crc.getValue();
  }
}
