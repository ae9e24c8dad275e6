package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Tells the device which blocks are free, so that it need not keep what they held. A run is kept
 * from being allocated while it is discarded; what was freed by a change that is not durable yet is
 * passed over.
 */
final class Trim {
  private static final int RUN_CLUSTERS_MAX = 8192;

  /** A bitmap that is made, and its descriptor. */
  private static final int CREDITS = 2;

  private final VolumeContext volume;
  private final BlockAllocator allocator;
  private final BlockGroups groups;
  private final long runBlocksMin;
  private final BooleanSupplier stops;

  /**
   * Prepares.
   *
   * @param runBlocksMin shorter runs are left alone
   * @param stops asked between two runs
   */
  Trim(VolumeContext volume, BlockAllocator allocator, long runBlocksMin, BooleanSupplier stops) {
    this.volume = volume;
    this.allocator = allocator;
    this.runBlocksMin = runBlocksMin;
    this.stops = stops;
    groups = volume.groups();
  }

  /** Discards what is free in a range of blocks. @return how many blocks */
  long run(long firstBlockNr, long endBlockNr) throws IOException {
    long discarded = 0;
    for (long group = 0; group < groups.groupsCount() && !stops.getAsBoolean(); group++) {
      long start = groups.firstBlockNr(group);
      int from = Math.clamp(firstBlockNr - start, 0, (int) groups.blocksIn(group));
      int end = Math.clamp(endBlockNr - start, 0, (int) groups.blocksIn(group));
      int perCluster = groups.blocksPerCluster();
      discarded += group(group, Math.ceilDiv(from, perCluster), end / perCluster);
    }
    return discarded;
  }

  private long group(long group, int from, int end) throws IOException {
    long discarded = 0;
    int at = from;
    while (at < end && !stops.getAsBoolean()) {
      BlockAllocator.Run run;
      try (Handle handle = volume.journal().start(CREDITS)) {
        run = allocator.hold(handle, group, at, end, RUN_CLUSTERS_MAX);
      }
      if (run == null) {
        break;
      }
      try {
        if (run.lengthBlocks() >= runBlocksMin) {
          discard(run);
          discarded += run.lengthBlocks();
        }
      } finally {
        allocator.letGo(run);
      }
      at = groups.clusterInGroup(run.blockNr() + run.lengthBlocks() - 1) + 1;
    }
    return discarded;
  }

  private void discard(BlockAllocator.Run run) throws IOException {
    MetadataCache cache = volume.cache();
    long blockSize = groups.blockSizeBytes();
    cache.io().discard(run.blockNr() * blockSize, run.lengthBlocks() * blockSize);
  }
}
