package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * A block of the orphan file: numbers of inodes, 0 where there is none, in no order.
 *
 * <pre>
 * 00 inode number, and so on
 *    tail: magic 0b10ca04, checksum
 * </pre>
 */
public final class OrphanBlock {
  public static final int MAGIC = 0x0b10_ca04;
  private static final int TAIL_BYTES = 8;

  private final MetadataChecksums checksums;
  private final int blockSizeBytes;
  private final int fileSeed;

  /**
   * Knows the blocks of one orphan file.
   *
   * @param fileSeed {@link MetadataChecksums#inodeSeed} of the file
   */
  public OrphanBlock(MetadataChecksums checksums, int blockSizeBytes, int fileSeed) {
    this.checksums = checksums;
    this.blockSizeBytes = blockSizeBytes;
    this.fileSeed = fileSeed;
  }

  /** Numbers in a block. */
  public int count() {
    return (blockSizeBytes - TAIL_BYTES) / Integer.BYTES;
  }

  public long inodeNr(MemorySegment block, int index) {
    return LittleEndian.u32(block, (long) Integer.BYTES * index);
  }

  /** Sets a number; the checksum is stale then. */
  public void inodeNr(MemorySegment block, int index, long inodeNr) {
    LittleEndian.put32(block, (long) Integer.BYTES * index, inodeNr);
  }

  /** Stores the block's checksum; for volumes that have them. */
  public void updateChecksum(MemorySegment block, long blockNr) {
    LittleEndian.put32(block, blockSizeBytes - Integer.BYTES, computeChecksum(block, blockNr));
  }

  /** Checks that a block is one of the file's. */
  public void check(MemorySegment block, long blockNr) throws CorruptStructureException {
    String place = "orphan file in block " + blockNr;
    int magic = LittleEndian.i32(block, blockSizeBytes - TAIL_BYTES);
    if (magic != MAGIC) {
      throw new CorruptStructureException(
          place,
          "ob_magic",
          CorruptStructureException.hex(MAGIC),
          CorruptStructureException.hex(magic));
    }
    int stored = LittleEndian.i32(block, blockSizeBytes - Integer.BYTES);
    if (checksums.enabled() && computeChecksum(block, blockNr) != stored) {
      throw CorruptStructureException.checksum(place, computeChecksum(block, blockNr), stored);
    }
  }

  private int computeChecksum(MemorySegment block, long blockNr) {
    int crc = Crc32c.updateLong(fileSeed, blockNr);
    return Crc32c.update(crc, block, 0, blockSizeBytes - TAIL_BYTES);
  }
}
