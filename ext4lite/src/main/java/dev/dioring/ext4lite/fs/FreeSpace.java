package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.BlockGroups;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How much is free, and for whom: content gets neither what is kept back nor what was promised to
 * other content. It is counted by clusters.
 */
final class FreeSpace {
  private final ReentrantLock lock;
  private final int blocksPerCluster;

  /** Free blocks for extent trees, which content does not get. */
  private final long treeBlocks;

  /** Free blocks for those who {@link ReservedBlocks} are permitted to. */
  private final long rootBlocks;

  /** By clusters, or with quotas, a block may take more than a block. */
  private final boolean promises;

  /** Guarded by the lock, stored in the superblock when that is written. */
  private long freeClusters;

  /** Of these, what content that is still in memory will take. Guarded by the lock. */
  private long promisedBlocks;

  /**
   * Counts what is free now.
   *
   * @param bitmaps whose lock guards this too
   * @param quotas if they are kept, nothing is promised
   */
  FreeSpace(VolumeContext volume, GroupBitmaps bitmaps, Quotas quotas) {
    BlockGroups groups = volume.groups();
    lock = bitmaps.lock();
    blocksPerCluster = groups.blocksPerCluster();
    rootBlocks = volume.superblock().reservedBlocksCount();
    treeBlocks = VolumeUsage.treeReserve(volume.superblock(), groups);
    promises = blocksPerCluster == 1 && !quotas.isKept();
    freeClusters = bitmaps.freeClusters();
  }

  /** Free blocks, those kept back included. */
  long freeBlocks() {
    lock.lock();
    try {
      return freeClusters * blocksPerCluster;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps others' content out of blocks that content in memory will take.
   *
   * @param sparedBlocks how many must be left beyond that
   * @return false if there are too few, or, without waiting, if that cannot be told
   */
  boolean tryPromise(long blocks, long sparedBlocks) {
    if (!promises || !lock.tryLock()) {
      return false;
    }
    try {
      boolean enough = freeClusters - reservedBlocks() - sparedBlocks >= blocks;
      if (enough) {
        promisedBlocks += blocks;
      }
      return enough;
    } finally {
      lock.unlock();
    }
  }

  /** What a file allocates from now on is what was promised to its content. */
  void usePromise(AllocationWindow window, long blocks) {
    lock.lock();
    try {
      window.promise(blocks);
    } finally {
      lock.unlock();
    }
  }

  /** The content is written: takes back what is left of the promise. */
  void endPromise(AllocationWindow window) {
    lock.lock();
    try {
      keepPromise(window, Integer.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  /** Ends a promise: the content was given another, or was deleted. */
  void dropPromise(long blocks) {
    lock.lock();
    try {
      promisedBlocks -= blocks;
    } finally {
      lock.unlock();
    }
  }

  // What follows is for holders of the lock.

  /** A file has got so many blocks, for which it may have had a promise. */
  void keepPromise(AllocationWindow window, int blocks) {
    promisedBlocks -= window.takePromised(blocks);
  }

  /** Free blocks that what this thread does gets no promise of. */
  long reservedBlocks() {
    return reservedFrom(ReservedBlocks.arePermitted());
  }

  /**
   * Those that a file's content does not get. What was promised it gets in any case: others, who
   * may have more, could have been promised some behind it.
   */
  long reservedFrom(AllocationWindow window) {
    boolean permitted =
        window.promisedBlocks() > 0 || window.mayUseReserved() || ReservedBlocks.arePermitted();
    return reservedFrom(permitted) - window.promisedBlocks();
  }

  private long reservedFrom(boolean permitted) {
    return treeBlocks + promisedBlocks + (permitted ? 0 : rootBlocks);
  }

  /**
   * How many of the wanted clusters there are.
   *
   * @throws NoSpaceException if there is none but the reserved ones
   */
  int require(int wanted, long reservedBlocks) throws NoSpaceException {
    long available = freeClusters - Math.ceilDiv(reservedBlocks, blocksPerCluster);
    if (available <= 0) {
      throw none(wanted, reservedBlocks);
    }
    return (int) Math.min(wanted, available);
  }

  /** That there are no such clusters. */
  NoSpaceException none(long wanted, long reservedBlocks) {
    return new NoSpaceException(
        wanted * blocksPerCluster, freeClusters * blocksPerCluster, reservedBlocks);
  }

  void taken(int clusters) {
    freeClusters -= clusters;
  }

  void freed(int clusters) {
    freeClusters += clusters;
  }
}
