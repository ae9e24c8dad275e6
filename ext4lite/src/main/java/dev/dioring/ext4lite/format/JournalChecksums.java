package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * Checksums of versions 2 and 3 of a journal's blocks: crc32c from a seed that is the checksum of
 * the journal's UUID. Immutable.
 */
public final class JournalChecksums {
  private final JournalFeatures features;
  private final int blockSizeBytes;
  private final int seed;

  private JournalChecksums(JournalFeatures features, int blockSizeBytes, int seed) {
    this.features = features;
    this.blockSizeBytes = blockSizeBytes;
    this.seed = seed;
  }

  /** Takes the rules from a superblock that was checked. */
  public static JournalChecksums of(JournalSuperblock superblock) {
    return new JournalChecksums(
        superblock.features(),
        (int) superblock.blockSizeBytes(),
        Crc32c.update(Crc32c.SEED, superblock.uuidBytes()));
  }

  /** Whether blocks have checksums at all. */
  public boolean enabled() {
    return features.blocksChecksummed();
  }

  /**
   * The checksum of a copied block as it lies in the log, escaped if it has to be. A tag stores it,
   * cut to 16 bits in version 2.
   */
  public int ofCopy(int sequence, MemorySegment copy, long base) {
    int crc = Crc32c.updateInt(seed, Integer.reverseBytes(sequence));
    crc = Crc32c.update(crc, copy, base, blockSizeBytes);
    return features.checksumV3() ? crc : crc & 0xffff;
  }

  /** Whether a descriptor or revoke block has the checksum its tail says, or needs none. */
  public boolean isTailValid(MemorySegment block, long base) {
    return !enabled() || BigEndian.i32(block, tail(base)) == ofTailed(block, base);
  }

  /** Stores the checksum of a descriptor or revoke block in its tail, if it needs one. */
  public void updateTail(MemorySegment block, long base) {
    if (enabled()) {
      BigEndian.put32(block, tail(base), ofTailed(block, base));
    }
  }

  /**
   * Whether a commit block has the checksum it says, or needs none.
   *
   * <p>Where only its first sector is on disk, the rest is older content. That is no damage: there
   * is nothing but zeroes behind the fields, so they are checked as if followed by them.
   */
  public boolean isCommitValid(MemorySegment block, long base) {
    if (!enabled()) {
      return true;
    }
    int stored = CommitBlock.checksum(block, base);
    if (stored == ofCommit(block, base, blockSizeBytes)) {
      return true;
    }
    int fields = ofCommit(block, base, CommitBlock.SIZE_BYTES);
    return stored == Crc32c.updateZeroes(fields, blockSizeBytes - CommitBlock.SIZE_BYTES);
  }

  /** Stores the checksum of a commit block, if it needs one. */
  public void updateCommit(MemorySegment block, long base) {
    if (enabled()) {
      CommitBlock.checksum(block, base, ofCommit(block, base, blockSizeBytes));
    }
  }

  private long tail(long base) {
    return base + blockSizeBytes - features.tailBytes();
  }

  private int ofTailed(MemorySegment block, long base) {
    int crc = Crc32c.update(seed, block, base, blockSizeBytes - features.tailBytes());
    return Crc32c.updateZeroes(crc, features.tailBytes());
  }

  private int ofCommit(MemorySegment block, long base, int lengthBytes) {
    int crc = Crc32c.update(seed, block, base, CommitBlock.CHECKSUM_OFFSET);
    crc = Crc32c.updateZeroes(crc, Integer.BYTES);
    int rest = CommitBlock.CHECKSUM_OFFSET + Integer.BYTES;
    return Crc32c.update(crc, block, base + rest, lengthBytes - rest);
  }
}
