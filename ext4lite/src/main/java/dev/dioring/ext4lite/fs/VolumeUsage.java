package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Superblock;

/**
 * How full a volume is, as statfs tells it.
 *
 * @param blockSizeBytes unit of the counts of blocks
 * @param blocks blocks for files: all but those that hold the filesystem itself
 * @param freeBlocks free blocks, those reserved for root included
 * @param availableBlocks free blocks for everybody
 * @param inodes all inodes
 * @param freeInodes free inodes
 */
public record VolumeUsage(
    int blockSizeBytes,
    long blocks,
    long freeBlocks,
    long availableBlocks,
    long inodes,
    long freeInodes) {

  private static final int RESERVE_DIVISOR = 50;
  private static final int RESERVE_CLUSTERS_MAX = 4096;

  static VolumeUsage of(
      Superblock superblock,
      BlockGroups groups,
      long journalBlocks,
      long freeBlocks,
      long freeInodes,
      boolean countsOverhead) {
    long overhead = countsOverhead ? 0 : overhead(superblock, groups, journalBlocks);
    return new VolumeUsage(
        groups.blockSizeBytes(),
        superblock.blocksCount() - overhead,
        freeBlocks,
        Math.max(0, freeBlocks - keptBlocks(superblock, groups)),
        superblock.inodesCount(),
        freeInodes);
  }

  private static long overhead(Superblock superblock, BlockGroups groups, long journalBlocks) {
    long overhead = superblock.overheadClusters() * groups.blocksPerCluster();
    if (overhead == 0) {
      overhead = countOverhead(groups) + journalBlocks;
    }
    return overhead;
  }

  /** Free blocks that files do not get: those for root, and those for extent trees. */
  private static long keptBlocks(Superblock superblock, BlockGroups groups) {
    return superblock.reservedBlocksCount() + treeReserve(superblock, groups);
  }

  /** What Linux keeps back for extent trees that grow when unwritten blocks are converted. */
  static long treeReserve(Superblock superblock, BlockGroups groups) {
    if (!superblock.has(Feature.EXTENTS)) {
      return 0;
    }
    long clusters = superblock.blocksCount() / groups.blocksPerCluster() / RESERVE_DIVISOR;
    return Math.min(clusters, RESERVE_CLUSTERS_MAX) * groups.blocksPerCluster();
  }

  /** Whether the count of overhead needs the journal's size, which is not in the superblock. */
  static boolean needsJournal(Superblock superblock) {
    return superblock.overheadClusters() == 0 && superblock.journalInodeNr() != 0;
  }

  private static long countOverhead(BlockGroups groups) {
    long count = groups.firstDataBlock();
    for (long group = 0; group < groups.groupsCount(); group++) {
      count += groups.baseMetadataBlocks(group) + 2 + groups.inodeTableBlocksCount();
    }
    return count;
  }
}
