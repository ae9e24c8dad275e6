package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.BlockGroups;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Tells the device of free blocks, as FITRIM does: all runs of a range of the volume that are long
 * enough. A run is not allocated while it is being discarded.
 */
final class Trim {
  private static final long REQUEST_BYTES_MAX = 1 << 30;

  private final BlockGroups groups;
  private final BlockAllocator allocator;
  private final BlockIo io;
  private final int leastClusters;
  private final BooleanSupplier stops;

  /**
   * Prepares.
   *
   * @param leastClusters shorter runs are left alone
   * @param stops asked between two runs
   */
  Trim(VolumeContext volume, BlockAllocator allocator, int leastClusters, BooleanSupplier stops) {
    this.leastClusters = leastClusters;
    this.stops = stops;
    groups = volume.groups();
    this.allocator = allocator;
    io = volume.cache().io();
  }

  /** Discards what is free of a range of blocks. @return how many bytes */
  long run(long fromBlockNr, long endBlockNr) throws IOException {
    long discarded = 0;
    long last = groups.groupOfBlock(endBlockNr - 1);
    for (long group = groups.groupOfBlock(fromBlockNr);
        group <= last && !stops.getAsBoolean();
        group++) {
      long first = groups.firstBlockNr(group);
      long endInGroup = Math.min(groups.blocksIn(group), endBlockNr - first);
      int end = (int) Math.ceilDiv(endInGroup, (long) groups.blocksPerCluster());
      int at = fromBlockNr > first ? groups.clusterInGroup(fromBlockNr) : 0;
      while (!stops.getAsBoolean()) {
        BlockAllocator.Run run = allocator.borrow(group, at, end, leastClusters);
        if (run.lengthBlocks() == 0) {
          break;
        }
        try {
          discarded += discard(run);
        } finally {
          allocator.giveBack(run);
        }
        at = groups.clusterInGroup(run.blockNr()) + run.lengthBlocks() / groups.blocksPerCluster();
      }
    }
    return discarded;
  }

  private long discard(BlockAllocator.Run run) throws IOException {
    long byteOffset = run.blockNr() << groups.blockSizeShift();
    long bytes = (long) run.lengthBlocks() << groups.blockSizeShift();
    for (long at = 0; at < bytes; at += REQUEST_BYTES_MAX) {
      io.discard(byteOffset + at, Math.min(REQUEST_BYTES_MAX, bytes - at));
    }
    return bytes;
  }
}
