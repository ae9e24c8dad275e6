package dev.dioring.ext4lite.format;

/** The rules a group descriptor keeps: what it points at lies on the volume. */
public final class GroupDescriptorCheck {
  private final BlockGroups groups;
  private final long groupNr;
  private final long first;
  private final long last;

  private GroupDescriptorCheck(BlockGroups groups, boolean flexible, long groupNr) {
    this.groups = groups;
    this.groupNr = groupNr;
    first = flexible ? groups.firstDataBlock() : groups.firstBlockNr(groupNr);
    last =
        flexible
            ? groups.blocksCount() - 1
            : groups.firstBlockNr(groupNr) + groups.blocksIn(groupNr) - 1;
  }

  /** Checks a descriptor's pointers and counts, not its checksum. */
  public static void check(
      GroupDescriptor descriptor, long groupNr, BlockGroups groups, Features features)
      throws CorruptStructureException {
    GroupDescriptorCheck check =
        new GroupDescriptorCheck(groups, features.has(Feature.FLEX_BG), groupNr);
    check.checkRun("bg_block_bitmap", descriptor.blockBitmapBlockNr(), 1);
    check.checkRun("bg_inode_bitmap", descriptor.inodeBitmapBlockNr(), 1);
    check.checkRun(
        "bg_inode_table", descriptor.inodeTableBlockNr(), groups.inodeTableBlocksCount());
    check.checkCount(
        "bg_free_blocks_count", descriptor.freeClustersCount(), groups.clustersPerGroup());
    check.checkCount("bg_free_inodes_count", descriptor.freeInodesCount(), groups.inodesPerGroup());
    check.checkCount("bg_itable_unused", descriptor.unusedInodesCount(), groups.inodesPerGroup());
  }

  private void checkRun(String field, long blockNr, long lengthBlocks)
      throws CorruptStructureException {
    long end = blockNr + lengthBlocks - 1;
    boolean inside = blockNr >= first && blockNr <= last && end >= blockNr && end <= last;
    if (!inside || !groups.contains(blockNr, lengthBlocks)) {
      throw new CorruptStructureException(
          place(),
          field,
          "within " + first + ".." + last,
          lengthBlocks == 1 ? Long.toString(blockNr) : blockNr + " + " + lengthBlocks);
    }
  }

  private void checkCount(String field, long count, long max) throws CorruptStructureException {
    if (count > max) {
      throw new CorruptStructureException(place(), field, "<= " + max, Long.toString(count));
    }
  }

  private String place() {
    return "descriptor of group " + groupNr;
  }
}
