package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * A revoke block: blocks whose copies in this and in earlier transactions must not be replayed.
 *
 * <pre>
 * 00 magic            5                 sequence          count: bytes in use, these 16 included
 * 10 block numbers of 4 bytes, or of 8 with 64bit
 *    tail: checksum, in the last 4 bytes of the block
 * </pre>
 */
public final class RevokeRecords {
  private static final int HEADER_BYTES = 16;
  private static final int COUNT_OFFSET = 12;

  private final JournalChecksums checksums;
  private final int blockSizeBytes;
  private final int recordBytes;
  private final int endBytes;

  public RevokeRecords(JournalSuperblock superblock) {
    JournalFeatures features = superblock.features();
    checksums = JournalChecksums.of(superblock);
    blockSizeBytes = (int) superblock.blockSizeBytes();
    recordBytes = features.revokeRecordBytes();
    endBytes = blockSizeBytes - features.tailBytes();
  }

  /** Records that fit one block. */
  public int recordsMax() {
    return (endBytes - HEADER_BYTES) / recordBytes;
  }

  /** Whether the count of a block stays within it. */
  public boolean isCountValid(MemorySegment block, long base) {
    long bytes = BigEndian.u32(block, base + COUNT_OFFSET);
    return bytes >= HEADER_BYTES && bytes <= endBytes;
  }

  /** Records of a block whose count is valid. */
  public int count(MemorySegment block, long base) {
    return (BigEndian.i32(block, base + COUNT_OFFSET) - HEADER_BYTES) / recordBytes;
  }

  public long blockNr(MemorySegment block, long base, int index) {
    long at = base + HEADER_BYTES + (long) recordBytes * index;
    return recordBytes == Long.BYTES ? BigEndian.i64(block, at) : BigEndian.u32(block, at);
  }

  /** Starts an empty block over what was there. */
  public void begin(MemorySegment block, long base, int sequence) {
    block.asSlice(base, blockSizeBytes).fill((byte) 0);
    JournalHeader.put(block, base, JournalHeader.REVOKE, sequence);
    BigEndian.put32(block, base + COUNT_OFFSET, HEADER_BYTES);
  }

  /** Adds a record to a block with fewer than {@link #recordsMax}. */
  public void add(MemorySegment block, long base, long blockNr) {
    int bytes = BigEndian.i32(block, base + COUNT_OFFSET);
    if (bytes + recordBytes > endBytes) {
      throw new IllegalStateException("the revoke block is full");
    }
    if (recordBytes == Long.BYTES) {
      BigEndian.put64(block, base + bytes, blockNr);
    } else {
      BigEndian.put32(block, base + bytes, blockNr);
    }
    BigEndian.put32(block, base + COUNT_OFFSET, bytes + recordBytes);
  }

  /** Ends a block. */
  public void end(MemorySegment block, long base) {
    checksums.updateTail(block, base);
  }
}
