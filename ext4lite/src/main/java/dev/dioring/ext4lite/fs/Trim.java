package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
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
  private final BooleanSupplier stops;
  private final String what;

  /**
   * Prepares.
   *
   * @param stops asked between two runs
   * @param what the operation, for messages
   */
  Trim(VolumeContext volume, BlockAllocator allocator, BooleanSupplier stops, String what) {
    this.allocator = allocator;
    this.stops = stops;
    this.what = what;
    groups = volume.groups();
    io = volume.cache().io();
  }

  /**
   * Discards what is free of a range.
   *
   * @param lengthBytes what of it is behind the volume's end does not count
   * @param runBytesMin shorter runs are left alone
   * @return how many bytes
   * @throws Ext4Exception EINVAL if there is nothing to look for
   */
  long run(long byteOffset, long lengthBytes, long runBytesMin) throws IOException {
    int shift = groups.blockSizeShift();
    long first = Math.max(byteOffset >>> shift, groups.firstDataBlock());
    long lengthBlocks = lengthBytes >>> shift;
    long clusterBytes = (long) groups.blocksPerCluster() << shift;
    long leastClusters = Math.max(1, Math.ceilDiv(runBytesMin, clusterBytes));
    if (first >= groups.blocksCount()
        || lengthBlocks == 0
        || leastClusters > groups.clustersPerGroup()) {
      throw new Ext4Exception(what, Errno.EINVAL, byteOffset + " + " + lengthBytes);
    }
    long end = Math.min(groups.blocksCount() - first, lengthBlocks) + first;
    return runBlocks(first, end, (int) leastClusters);
  }

  private long runBlocks(long fromBlockNr, long endBlockNr, int leastClusters) throws IOException {
    long discarded = 0;
    long last = groups.groupOfBlock(endBlockNr - 1);
    for (long group = groups.groupOfBlock(fromBlockNr);
        group <= last && !stops.getAsBoolean();
        group++) {
      long first = groups.firstBlockNr(group);
      long endInGroup = Math.min(groups.blocksIn(group), endBlockNr - first);
      int end = (int) Math.ceilDiv(endInGroup, (long) groups.blocksPerCluster());
      int at = fromBlockNr > first ? groups.clusterInGroup(fromBlockNr) : 0;
      discarded += runInGroup(group, at, end, leastClusters);
    }
    return discarded;
  }

  private long runInGroup(long group, int fromCluster, int endCluster, int leastClusters)
      throws IOException {
    long discarded = 0;
    int at = fromCluster;
    while (!stops.getAsBoolean()) {
      BlockAllocator.Run run = allocator.borrow(group, at, endCluster, leastClusters);
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
