package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.BlockGroups;
import java.io.IOException;

/**
 * Clusters that extents of one file share, on bigalloc volumes. Blocks of a file that lie in the
 * same cluster of it lie in the same cluster of the volume, at the same places; a cluster is free
 * when no block of it is mapped any more. The caller holds the tree's lock.
 */
final class SharedClusters {
  private final ExtentTree tree;
  private final int ratio;
  private final ExtentRun run = new ExtentRun();

  SharedClusters(BlockGroups groups, ExtentTree tree) {
    this.tree = tree;
    ratio = groups.blocksPerCluster();
  }

  /** Blocks of a cluster. */
  int ratio() {
    return ratio;
  }

  /** Where a block lies in its cluster. */
  int offset(long fileBlockNr) {
    return (int) (fileBlockNr % ratio);
  }

  /** The first block of a cluster at or before a block. */
  long floor(long blockNr) {
    return blockNr - blockNr % ratio;
  }

  /** The first block of a cluster at or behind a block. */
  long ceiling(long blockNr) {
    return Math.ceilDiv(blockNr, (long) ratio) * ratio;
  }

  /**
   * Where a block of the file that is not mapped has to lie.
   *
   * @return 0 if no other block of its cluster is mapped: it may lie in any
   */
  long place(long fileBlockNr) throws IOException {
    long first = floor(fileBlockNr);
    for (long at = first; ratio > 1 && at < first + ratio; at++) {
      tree.lookUpLocked(at, run);
      if (run.state != ExtentRun.State.HOLE) {
        return run.startBlockNr + (fileBlockNr - run.fileBlockNr);
      }
    }
    return 0;
  }
}
