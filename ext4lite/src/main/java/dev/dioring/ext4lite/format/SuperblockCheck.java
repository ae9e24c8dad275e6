package dev.dioring.ext4lite.format;

/** The rules a superblock keeps, so that all that is computed from it stays within bounds. */
public final class SuperblockCheck {
  private static final int LOG_BLOCK_SIZE_MAX = 6;
  private static final int LOG_CLUSTER_SIZE_MAX = 20;
  private static final int FIRST_INODE_MIN = 11;
  private static final int DESCRIPTOR_SIZE_MAX = 1024;
  private static final int CHECKSUM_TYPE_CRC32C = 1;
  private static final long GROUPS_MAX = 1L << 32;

  private final Superblock superblock;
  private final Features features;
  private final String place;

  private SuperblockCheck(Superblock superblock, String place) {
    this.superblock = superblock;
    this.features = superblock.features();
    this.place = place;
  }

  /**
   * Checks everything that does not need the device.
   *
   * @param place which copy, for messages, such as "superblock" or "backup superblock in block
   *     32768"
   */
  public static void check(Superblock superblock, String place) throws CorruptStructureException {
    checkIdentity(superblock, place);
    checkLayout(superblock, place);
  }

  /** Checks that it is a superblock and as it was written, before its features are believed. */
  public static void checkIdentity(Superblock superblock, String place)
      throws CorruptStructureException {
    new SuperblockCheck(superblock, place).checkIdentity();
  }

  /** Checks sizes and counts, which mean what they say only if all features are known. */
  public static void checkLayout(Superblock superblock, String place)
      throws CorruptStructureException {
    SuperblockCheck check = new SuperblockCheck(superblock, place);
    check.checkSizes();
    check.checkGroups();
    check.checkCounts();
  }

  private void checkIdentity() throws CorruptStructureException {
    require(
        superblock.magic() == Superblock.MAGIC,
        "s_magic",
        CorruptStructureException.hex(Superblock.MAGIC),
        CorruptStructureException.hex(superblock.magic()));
    require(superblock.revision() <= 1, "s_rev_level", "0 or 1", superblock.revision());
    if (features.has(Feature.METADATA_CSUM)) {
      require(
          superblock.checksumType() == CHECKSUM_TYPE_CRC32C,
          "s_checksum_type",
          "1 (crc32c)",
          superblock.checksumType());
      int computed = superblock.computeChecksum();
      if (computed != superblock.checksum()) {
        throw CorruptStructureException.checksum(place, computed, superblock.checksum());
      }
    }
  }

  private void checkSizes() throws CorruptStructureException {
    long log = superblock.logBlockSize();
    require(log <= LOG_BLOCK_SIZE_MAX, "s_log_block_size", "0..6", log);
    int blockSize = blockSize();
    if (features.has(Feature.BIGALLOC)) {
      long logCluster = superblock.logClusterSize();
      require(
          logCluster >= log && logCluster <= LOG_CLUSTER_SIZE_MAX,
          "s_log_cluster_size",
          log + ".." + LOG_CLUSTER_SIZE_MAX,
          logCluster);
    }
    int inodeSize = superblock.inodeSizeBytes();
    require(
        inodeSize >= Inode.BASE_BYTES && inodeSize <= blockSize && isPowerOfTwo(inodeSize),
        "s_inode_size",
        "a power of 2 in 128.." + blockSize,
        inodeSize);
    require(
        superblock.firstInode() >= FIRST_INODE_MIN,
        "s_first_ino",
        ">= " + FIRST_INODE_MIN,
        superblock.firstInode());
    int descriptorSize = superblock.descriptorSizeBytes();
    if (features.has(Feature.BIT64)) {
      require(
          descriptorSize >= GroupDescriptor.SIZE_64BIT_BYTES
              && descriptorSize <= DESCRIPTOR_SIZE_MAX
              && isPowerOfTwo(descriptorSize),
          "s_desc_size",
          "a power of 2 in 64.." + DESCRIPTOR_SIZE_MAX,
          descriptorSize);
    }
    require(
        superblock.reservedGdtBlocks() <= blockSize / Integer.BYTES,
        "s_reserved_gdt_blocks",
        "<= " + blockSize / Integer.BYTES,
        superblock.reservedGdtBlocks());
  }

  private void checkGroups() throws CorruptStructureException {
    long bitsPerBlock = blockSize() * (long) Byte.SIZE;
    long clusters = superblock.clustersPerGroup();
    long blocks = superblock.blocksPerGroup();
    if (features.has(Feature.BIGALLOC)) {
      long ratio = 1L << (superblock.logClusterSize() - superblock.logBlockSize());
      require(
          clusters > 0 && clusters <= bitsPerBlock,
          "s_clusters_per_group",
          "1.." + bitsPerBlock,
          clusters);
      require(
          blocks == clusters * ratio,
          "s_blocks_per_group",
          "s_clusters_per_group * " + ratio + " = " + clusters * ratio,
          blocks);
    } else {
      require(
          blocks > 0 && blocks <= bitsPerBlock, "s_blocks_per_group", "1.." + bitsPerBlock, blocks);
    }
    require(
        clusters % Byte.SIZE == 0 || !features.has(Feature.BIGALLOC),
        "s_clusters_per_group % 8",
        "0",
        clusters);
    long inodes = superblock.inodesPerGroup();
    long inodesPerBlock = blockSize() / superblock.inodeSizeBytes();
    require(
        inodes >= inodesPerBlock && inodes <= bitsPerBlock,
        "s_inodes_per_group",
        inodesPerBlock + ".." + bitsPerBlock,
        inodes);
  }

  private void checkCounts() throws CorruptStructureException {
    long blocks = superblock.blocksCount();
    long first = superblock.firstDataBlock();
    // Byte offsets are signed 64-bit numbers.
    long blocksMax = Long.MAX_VALUE / blockSize();
    require(blocks > 0 && blocks <= blocksMax, "s_blocks_count", "1.." + blocksMax, blocks);
    require(first < blocks, "s_first_data_block < s_blocks_count", "< " + blocks, first);
    boolean bigClusters = features.has(Feature.BIGALLOC) && superblock.logClusterSize() > 0;
    boolean small = blockSize() == Superblock.SIZE_BYTES && !bigClusters;
    require(first == (small ? 1 : 0), "s_first_data_block", small ? "1" : "0", first);
    BlockGroups groups = BlockGroups.of(superblock);
    long count = groups.groupsCount();
    require(count < GROUPS_MAX, "number of groups", "< 2^32", count);
    require(
        superblock.inodesCount() == count * superblock.inodesPerGroup(),
        "s_inodes_count",
        count + " groups * " + superblock.inodesPerGroup(),
        superblock.inodesCount());
    if (features.has(Feature.META_BG)) {
      require(
          superblock.firstMetaBg() <= groups.descriptorBlocksCount(),
          "s_first_meta_bg",
          "<= " + groups.descriptorBlocksCount(),
          superblock.firstMetaBg());
    }
  }

  private int blockSize() {
    return Superblock.SIZE_BYTES << superblock.logBlockSize();
  }

  private static boolean isPowerOfTwo(int number) {
    return Integer.bitCount(number) == 1;
  }

  private void require(boolean holds, String predicate, String expected, long found)
      throws CorruptStructureException {
    require(holds, predicate, expected, Long.toString(found));
  }

  private void require(boolean holds, String predicate, String expected, String found)
      throws CorruptStructureException {
    if (!holds) {
      throw new CorruptStructureException(place, predicate, expected, found);
    }
  }
}
