package dev.dioring.ext4lite.format;

/**
 * How a volume is cut into block groups, and where what belongs to each lies. Immutable, computed
 * from a superblock that passed {@link SuperblockCheck}.
 *
 * <pre>
 * group 0                     group 1 (has a backup)      group 2
 * +------+----+-----+--...--+ +----+-----+--------...---+ +--------------...---+
 * |boot|sb|gdt|rsvd|bitmaps,| |sb|gdt|rsvd| bitmaps,     | | bitmaps, table,    |
 * |           |    |table,..| |           | table, data  | | data               |
 * +------+----+-----+--...--+ +----+-----+--------...---+ +--------------...---+
 * </pre>
 *
 * <p>With sparse_super, copies are in groups 1 and the powers of 3, 5 and 7; with sparse_super2 in
 * the two that the superblock names. From s_first_meta_bg on, meta_bg puts each block of
 * descriptors into the groups it describes: the first, the second and the last of them.
 */
public final class BlockGroups {
  private final int blockSizeBytes;
  private final int blockSizeShift;
  private final int blocksPerCluster;
  private final long blocksCount;
  private final long firstDataBlock;
  private final long blocksPerGroup;
  private final long inodesPerGroup;
  private final long inodesCount;
  private final int inodeSizeBytes;
  private final int descriptorSizeBytes;
  private final long groupsCount;
  private final boolean metaBg;
  private final long firstMetaBg;
  private final boolean sparseSuper;
  private final boolean sparseSuper2;
  private final long backupGroup0;
  private final long backupGroup1;
  private final int reservedGdtBlocks;

  private BlockGroups(Superblock superblock) {
    Features features = superblock.features();
    blockSizeShift = 10 + (int) superblock.logBlockSize();
    blockSizeBytes = 1 << blockSizeShift;
    blocksPerCluster =
        features.has(Feature.BIGALLOC)
            ? 1 << (superblock.logClusterSize() - superblock.logBlockSize())
            : 1;
    blocksCount = superblock.blocksCount();
    firstDataBlock = superblock.firstDataBlock();
    blocksPerGroup = superblock.blocksPerGroup();
    inodesPerGroup = superblock.inodesPerGroup();
    inodesCount = superblock.inodesCount();
    inodeSizeBytes = superblock.inodeSizeBytes();
    descriptorSizeBytes = superblock.descriptorSizeBytes();
    groupsCount = Math.ceilDiv(blocksCount - firstDataBlock, blocksPerGroup);
    metaBg = features.has(Feature.META_BG);
    firstMetaBg = superblock.firstMetaBg();
    sparseSuper = features.has(Feature.SPARSE_SUPER);
    sparseSuper2 = features.has(Feature.SPARSE_SUPER2);
    backupGroup0 = superblock.backupGroup(0);
    backupGroup1 = superblock.backupGroup(1);
    reservedGdtBlocks = superblock.reservedGdtBlocks();
  }

  /** Takes the layout from a superblock that was checked. */
  public static BlockGroups of(Superblock superblock) {
    return new BlockGroups(superblock);
  }

  public int blockSizeBytes() {
    return blockSizeBytes;
  }

  /** Binary logarithm of the block size. */
  public int blockSizeShift() {
    return blockSizeShift;
  }

  /** Blocks that are allocated together; 1 without bigalloc. */
  public int blocksPerCluster() {
    return blocksPerCluster;
  }

  public long blocksCount() {
    return blocksCount;
  }

  public long firstDataBlock() {
    return firstDataBlock;
  }

  public long blocksPerGroup() {
    return blocksPerGroup;
  }

  public long clustersPerGroup() {
    return blocksPerGroup / blocksPerCluster;
  }

  public long inodesPerGroup() {
    return inodesPerGroup;
  }

  public long inodesCount() {
    return inodesCount;
  }

  public int inodeSizeBytes() {
    return inodeSizeBytes;
  }

  public int descriptorSizeBytes() {
    return descriptorSizeBytes;
  }

  public long groupsCount() {
    return groupsCount;
  }

  public int descriptorsPerBlock() {
    return blockSizeBytes / descriptorSizeBytes;
  }

  /** Blocks that one copy of all group descriptors takes. */
  public long descriptorBlocksCount() {
    return Math.ceilDiv(groupsCount, descriptorsPerBlock());
  }

  /** Where the primary copy of block {@code index} of the group descriptors lies. */
  public long descriptorBlockNr(long index) {
    if (!metaBg || index < firstMetaBg) {
      return superblockBlockNr() + 1 + index;
    }
    return metaDescriptorBlockNr(index * descriptorsPerBlock());
  }

  /** Block of the descriptor table, counted from its start, that holds a group's descriptor. */
  public long descriptorBlockIndex(long groupNr) {
    return groupNr / descriptorsPerBlock();
  }

  /** Where a group's descriptor starts within its block. */
  public long descriptorByteOffset(long groupNr) {
    return groupNr % descriptorsPerBlock() * descriptorSizeBytes;
  }

  /** Block that holds the primary superblock. */
  public long superblockBlockNr() {
    return Superblock.VOLUME_BYTE_OFFSET >>> blockSizeShift;
  }

  /** Where the primary superblock starts within its block. */
  public long superblockByteOffset() {
    return Superblock.VOLUME_BYTE_OFFSET & (blockSizeBytes - 1);
  }

  /** Whether a group starts with a copy of the superblock. */
  public boolean hasSuperblock(long groupNr) {
    if (groupNr == 0) {
      return true;
    }
    if (sparseSuper2) {
      return groupNr == backupGroup0 || groupNr == backupGroup1;
    }
    if (groupNr == 1 || !sparseSuper) {
      return true;
    }
    return isPowerOf(3, groupNr) || isPowerOf(5, groupNr) || isPowerOf(7, groupNr);
  }

  /** Blocks of a group that hold superblock and descriptors, reserved ones included. */
  public long baseMetadataBlocks(long groupNr) {
    long count = hasSuperblock(groupNr) ? 1 : 0;
    long metaGroup = groupNr / descriptorsPerBlock();
    if (metaBg && metaGroup >= firstMetaBg) {
      return count + (holdsMetaDescriptors(groupNr) ? 1 : 0);
    }
    if (count == 0) {
      return 0;
    }
    return count + (metaBg ? firstMetaBg : descriptorBlocksCount()) + reservedGdtBlocks;
  }

  public long groupOfBlock(long blockNr) {
    return (blockNr - firstDataBlock) / blocksPerGroup;
  }

  public long firstBlockNr(long groupNr) {
    return firstDataBlock + groupNr * blocksPerGroup;
  }

  /** Blocks of a group; fewer in the last one. */
  public long blocksIn(long groupNr) {
    return Math.min(blocksPerGroup, blocksCount - firstBlockNr(groupNr));
  }

  /** Clusters of a group; fewer in the last one, whose last cluster may not be whole. */
  public int clustersIn(long groupNr) {
    return (int) Math.ceilDiv(blocksIn(groupNr), (long) blocksPerCluster);
  }

  /** Which cluster of its group a block lies in. */
  public int clusterInGroup(long blockNr) {
    return (int) ((blockNr - firstDataBlock) % blocksPerGroup / blocksPerCluster);
  }

  public boolean isInode(long inodeNr) {
    return inodeNr >= 1 && inodeNr <= inodesCount;
  }

  public long groupOfInode(long inodeNr) {
    return (inodeNr - 1) / inodesPerGroup;
  }

  /** Place of an inode within its group, from 0. */
  public long indexInGroup(long inodeNr) {
    return (inodeNr - 1) % inodesPerGroup;
  }

  /** Block of an inode, counted from the start of its group's table. */
  public long inodeTableBlock(long inodeNr) {
    return (indexInGroup(inodeNr) * inodeSizeBytes) >>> blockSizeShift;
  }

  /** Where an inode starts within its block. */
  public long inodeByteOffset(long inodeNr) {
    return (indexInGroup(inodeNr) * inodeSizeBytes) & (blockSizeBytes - 1);
  }

  public long inodeTableBlocksCount() {
    return Math.ceilDiv(inodesPerGroup * inodeSizeBytes, blockSizeBytes);
  }

  /** Whether a run of blocks lies on the volume, behind the block of the superblock. */
  public boolean contains(long blockNr, long lengthBlocks) {
    return blockNr > firstDataBlock
        && lengthBlocks > 0
        && lengthBlocks <= blocksCount
        && blockNr <= blocksCount - lengthBlocks;
  }

  /** What a message says that a run of blocks must satisfy. */
  public String containedRange() {
    return "within " + (firstDataBlock + 1) + ".." + (blocksCount - 1);
  }

  private long metaDescriptorBlockNr(long groupNr) {
    boolean boot = blockSizeBytes == Superblock.SIZE_BYTES && groupNr == 0 && firstDataBlock == 0;
    return firstBlockNr(groupNr) + (hasSuperblock(groupNr) ? 1 : 0) + (boot ? 1 : 0);
  }

  private boolean holdsMetaDescriptors(long groupNr) {
    long place = groupNr % descriptorsPerBlock();
    return place == 0 || place == 1 || place == descriptorsPerBlock() - 1;
  }

  private static boolean isPowerOf(int root, long number) {
    long power = root;
    while (power < number) {
      power *= root;
    }
    return power == number;
  }
}
