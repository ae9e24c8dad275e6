package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * How one volume checksums its metadata: with crc32c from a seed of its own (metadata_csum), with
 * crc16 for group descriptors only (uninit_bg, once gdt_csum), or not at all. Immutable.
 *
 * <p>Checksums of what belongs to an inode start from {@link #inodeSeed}.
 */
public final class MetadataChecksums {
  private final boolean metadata;
  private final boolean groupsOnly;
  private final int seed;
  private final int groupSeed16;

  private MetadataChecksums(boolean metadata, boolean groupsOnly, int seed, int groupSeed16) {
    this.metadata = metadata;
    this.groupsOnly = groupsOnly;
    this.seed = seed;
    this.groupSeed16 = groupSeed16;
  }

  /** Takes the rules from a superblock. */
  public static MetadataChecksums of(Superblock superblock) {
    Features features = superblock.features();
    byte[] uuid = superblock.uuidBytes();
    boolean metadata = features.has(Feature.METADATA_CSUM);
    int seed =
        features.has(Feature.CSUM_SEED)
            ? superblock.checksumSeed()
            : Crc32c.update(Crc32c.SEED, uuid);
    return new MetadataChecksums(
        metadata,
        !metadata && features.has(Feature.GDT_CSUM),
        seed,
        Crc16.update(Crc16.SEED, uuid));
  }

  /** Whether every metadata structure carries a crc32c. */
  public boolean enabled() {
    return metadata;
  }

  /** Whether group descriptors carry a checksum, so that uninitialised groups may be believed. */
  public boolean groupsChecksummed() {
    return metadata || groupsOnly;
  }

  /** Where all checksums but the superblock's start. */
  public int seed() {
    return seed;
  }

  /** Where the checksums of an inode and of the blocks it owns start. */
  public int inodeSeed(long inodeNr, int generation) {
    return Crc32c.updateInt(Crc32c.updateInt(seed, (int) inodeNr), generation);
  }

  /** The checksum a descriptor's content has, 0 where the volume has none. */
  public int ofDescriptor(GroupDescriptor descriptor, long groupNr) {
    int after = GroupDescriptor.CHECKSUM_OFFSET + Short.BYTES;
    int rest = descriptor.sizeBytes() - after;
    MemorySegment memory = descriptor.memory();
    long base = descriptor.base();
    if (metadata) {
      int crc = Crc32c.updateInt(seed, (int) groupNr);
      crc = Crc32c.update(crc, memory, base, GroupDescriptor.CHECKSUM_OFFSET);
      crc = Crc32c.updateZeroes(crc, Short.BYTES);
      return Crc32c.update(crc, memory, base + after, rest) & 0xffff;
    }
    if (groupsOnly) {
      int crc = Crc16.updateInt(groupSeed16, (int) groupNr);
      crc = Crc16.update(crc, memory, base, GroupDescriptor.CHECKSUM_OFFSET);
      return Crc16.update(crc, memory, base + after, rest);
    }
    return 0;
  }

  /** Checks a descriptor's checksum, where the volume has them. */
  public void verify(GroupDescriptor descriptor, long groupNr) throws CorruptStructureException {
    if (!groupsChecksummed()) {
      return;
    }
    int computed = ofDescriptor(descriptor, groupNr);
    if (computed != descriptor.checksum()) {
      throw CorruptStructureException.checksum(
          "descriptor of group " + groupNr, computed, descriptor.checksum());
    }
  }

  /** Stores a descriptor's checksum, where the volume has them. */
  public void update(GroupDescriptor descriptor, long groupNr) {
    if (groupsChecksummed()) {
      descriptor.checksum(ofDescriptor(descriptor, groupNr));
    }
  }

  /**
   * The checksum of a bitmap, to be cut to {@link GroupDescriptor#bitmapChecksumMask()}.
   *
   * @param lengthBytes clusters per group / 8 for the block bitmap, inodes per group / 8 for the
   *     inode bitmap
   */
  public int ofBitmap(MemorySegment bitmap, long byteOffset, long lengthBytes) {
    return Crc32c.update(seed, bitmap, byteOffset, lengthBytes);
  }
}
