package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Bitmap;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Allocates and frees blocks in the group bitmaps, by clusters: what is asked for is rounded up to
 * whole ones, and what is freed must be whole. Without bigalloc a cluster is a block.
 */
final class BlockAllocator {
  private final VolumeContext volume;
  private final BlockGroups groups;
  private final GroupBitmaps bitmaps;
  private final Quotas quotas;
  private final FreeClusters free;
  private final FreeSpace space;
  private final ClusterRelease releases;
  private final int blocksPerCluster;
  private final ReentrantLock lock;

  BlockAllocator(VolumeContext volume, GroupBitmaps bitmaps, Quotas quotas, Discards discards)
      throws IOException {
    this.volume = volume;
    this.groups = volume.groups();
    this.bitmaps = bitmaps;
    this.quotas = quotas;
    blocksPerCluster = groups.blocksPerCluster();
    free = new FreeClusters(groups, bitmaps);
    space = new FreeSpace(volume, bitmaps, quotas);
    releases = new ClusterRelease(volume, bitmaps, free, space, discards);
    lock = bitmaps.lock();
  }

  /** How much is free. */
  FreeSpace space() {
    return space;
  }

  /** Clusters that so much content takes. */
  long clustersOf(long bytes) {
    return Math.ceilDiv(bytes, (long) blocksPerCluster * groups.blockSizeBytes());
  }

  /** Where an inode's blocks should go: into its own group. */
  long goalFor(long inodeNr) {
    return groups.firstBlockNr(groups.groupOfInode(inodeNr));
  }

  /**
   * Allocates one cluster for content.
   *
   * @return its first block
   */
  long allocateOne(Handle handle, long goalBlockNr) throws IOException {
    return allocate(handle, goalBlockNr, 1).blockNr();
  }

  /**
   * Allocates a cluster for a node of an extent tree, out of what is kept back if it has to be:
   * when data was written into preallocated blocks, marking them as written must not fail.
   *
   * @return its first block
   */
  long allocateNode(Handle handle, long goalBlockNr) throws IOException {
    lock.lock();
    try {
      int unused = space.require(1, 0);
      find(goalBlockNr, 1, 1, 0, Long.MAX_VALUE);
      return takeFound(handle, 1).blockNr();
    } finally {
      lock.unlock();
    }
  }

  /** A run of blocks. */
  record Run(long blockNr, int lengthBlocks) {}

  /**
   * Allocates a run of up to {@code wantedBlocks} blocks, as {@link FreeClusters#find} finds it.
   */
  Run allocate(Handle handle, long goalBlockNr, int wantedBlocks) throws IOException {
    return allocate(handle, goalBlockNr, wantedBlocks, new AllocationWindow(), 0);
  }

  /**
   * The same for a file that grows: what lies behind the run may be kept for it.
   *
   * @param window the file's, which is used up first if it starts at the goal
   * @param aheadBlocks what to keep for it, more or less
   */
  Run allocate(
      Handle handle, long goalBlockNr, int wantedBlocks, AllocationWindow window, int aheadBlocks)
      throws IOException {
    lock.lock();
    try {
      long others = space.reservedFrom(window);
      int wanted = space.require(Math.ceilDiv(wantedBlocks, blocksPerCluster), others);
      long goal = goalBlockNr < groups.blocksCount() ? goalBlockNr : groups.firstDataBlock();
      if (window.startsAt(groups.groupOfBlock(goal), groups.clusterInGroup(goal))) {
        int length = Math.min(wanted, window.length());
        Run run = take(handle, window.group(), window.start(), length);
        free.take(window, length);
        space.keepPromise(window, run.lengthBlocks());
        return run;
      }
      free.shut(window);
      find(goal, wanted, wanted + aheadBlocks / blocksPerCluster, others, Long.MAX_VALUE);
      Run run = takeFound(handle, wanted);
      space.keepPromise(window, run.lengthBlocks());
      int rest = free.foundLength() - wanted;
      if (rest > 0) {
        free.open(window, free.foundGroup(), free.foundStart() + wanted, rest);
      }
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** The file does not grow any more. */
  void shut(AllocationWindow window) {
    lock.lock();
    try {
      free.shut(window);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sets blocks aside for content that is still to be written: nobody else gets them, but on disk
   * they stay free until {@link #take}.
   *
   * @param endBlockNr blocks from here on are not wanted
   */
  Run claim(Handle handle, long goalBlockNr, int wantedBlocks, long endBlockNr) throws IOException {
    lock.lock();
    try {
      long others = space.reservedBlocks();
      int wanted = space.require(Math.ceilDiv(wantedBlocks, blocksPerCluster), others);
      find(goalBlockNr, wanted, wanted, others, endBlockNr);
      int length = Math.min(wanted, free.foundLength());
      Run run = run(free.foundGroup(), free.foundStart(), length);
      requireData(free.foundGroup(), run);
      free.hold(free.foundGroup(), free.foundStart(), length);
      space.taken(length);
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** Allocates blocks that were claimed, within one group. */
  void take(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    long group = groups.groupOfBlock(blockNr);
    int start = groups.clusterInGroup(blockNr);
    int length = Math.ceilDiv(lengthBlocks, blocksPerCluster);
    lock.lock();
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      handle.access(bitmap);
      bitmaps.set(handle, group, bitmap, start, length);
      free.letGo(group, start, length);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Allocates certain whole clusters.
   *
   * @throws CorruptStructureException if they are metadata of the volume, or in use
   */
  void takeExactly(Handle handle, long blockNr, long lengthBlocks) throws IOException {
    if (!volume.dataBlocks().contains(blockNr, lengthBlocks, DataBlocks.NO_INODE)) {
      throw new CorruptStructureException(
          "range", "blocks", volume.dataBlocks().rule(), blockNr + " + " + lengthBlocks);
    }
    long end = blockNr + lengthBlocks;
    lock.lock();
    try {
      for (long at = blockNr; at < end; ) {
        long group = groups.groupOfBlock(at);
        long groupEnd = groups.firstBlockNr(group) + groups.blocksPerGroup();
        int start = groups.clusterInGroup(at);
        int length = Math.ceilDiv((int) (Math.min(end, groupEnd) - at), blocksPerCluster);
        takeFree(handle, group, start, length);
        at = groupEnd;
      }
    } finally {
      lock.unlock();
    }
  }

  private void takeFree(Handle handle, long group, int start, int length) throws IOException {
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      for (int at = start; at < start + length; at++) {
        if (Bitmap.isSet(bitmap.data(), at)) {
          throw new CorruptStructureException(
              "block bitmap of group " + group,
              "blocks that a file gets are free",
              "bits " + start + " + " + length + " clear",
              "bit " + at + " set");
        }
      }
      handle.access(bitmap);
      bitmaps.set(handle, group, bitmap, start, length);
      space.taken(length);
    }
  }

  /** Gives blocks up that were claimed, within one group, and never written. */
  void unclaim(long blockNr, int lengthBlocks) {
    int length = Math.ceilDiv(lengthBlocks, blocksPerCluster);
    lock.lock();
    try {
      free.letGo(groups.groupOfBlock(blockNr), groups.clusterInGroup(blockNr), length);
      space.freed(length);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps a run of free clusters from being allocated for a while.
   *
   * @return the first run of at least so many clusters in a range of a group; of no length if there
   *     is none
   */
  Run borrow(long group, int from, int end, int leastClusters) throws IOException {
    lock.lock();
    try {
      if (!free.borrow(group, from, end, leastClusters)) {
        return new Run(0, 0);
      }
      Run run = run(group, free.foundStart(), free.foundLength());
      try {
        requireData(group, run);
      } catch (CorruptStructureException e) {
        free.letGo(group, free.foundStart(), free.foundLength());
        throw e;
      }
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** Ends {@link #borrow}. */
  void giveBack(Run run) {
    releases.letGo(
        groups.groupOfBlock(run.blockNr()),
        groups.clusterInGroup(run.blockNr()),
        run.lengthBlocks() / blocksPerCluster);
  }

  private void find(long goalBlockNr, int needed, int wished, long reserved, long endBlockNr)
      throws IOException {
    long goal = groups.contains(goalBlockNr, 1) ? goalBlockNr : groups.firstDataBlock();
    long group = groups.groupOfBlock(goal);
    int cluster = groups.clusterInGroup(goal);
    if (free.find(group, cluster, needed, wished, endBlockNr)) {
      return;
    }
    if (!free.shutAll() || !free.find(group, cluster, needed, wished, endBlockNr)) {
      throw space.none(needed, reserved);
    }
  }

  private Run takeFound(Handle handle, int wanted) throws IOException {
    int length = Math.min(wanted, free.foundLength());
    return take(handle, free.foundGroup(), free.foundStart(), length);
  }

  private Run take(Handle handle, long group, int start, int length) throws IOException {
    Run run = run(group, start, length);
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      requireData(group, run);
      handle.access(bitmap);
      bitmaps.set(handle, group, bitmap, start, length);
      space.taken(length);
    }
    return run;
  }

  private Run run(long group, int start, int length) {
    long blockNr = groups.firstBlockNr(group) + (long) start * blocksPerCluster;
    return new Run(blockNr, length * blocksPerCluster);
  }

  /** On a corrupt volume a bitmap may offer the volume's own metadata. */
  private void requireData(long group, Run run) throws CorruptStructureException {
    if (!volume.dataBlocks().contains(run.blockNr(), run.lengthBlocks(), DataBlocks.NO_INODE)) {
      throw new CorruptStructureException(
          "block bitmap of group "
              + group
              + " in block "
              + bitmaps.descriptor(group).blockBitmapBlockNr(),
          "metadata of the volume is in use",
          "set for all of it",
          "clear within blocks " + run.blockNr() + " + " + run.lengthBlocks());
    }
  }

  /** Gives blocks back that were allocated through this same handle and never referred to. */
  void freeUnused(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    releases.undo(handle, blockNr, lengthBlocks);
  }

  /** Frees a block of metadata, and its cluster, that the change under way takes from its owner. */
  void releaseMetadata(Handle handle, long blockNr) throws IOException {
    handle.revoke(blockNr);
    release(handle, blockNr, 1);
  }

  /** Frees clusters that the change under way takes from their owner. */
  void release(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    releases.release(handle, blockNr, lengthBlocks);
  }

  Quotas quotas() {
    return quotas;
  }

  /**
   * Refuses to give an inode more blocks than its owners may have; the caller holds its fields'
   * lock.
   *
   * @throws Ext4Exception EDQUOT
   */
  void requireQuota(InodeBlock owner, long blocks) throws IOException {
    long clusters = Math.ceilDiv(blocks, blocksPerCluster);
    quotas.require(owner.inode(), clusters * blocksPerCluster * groups.blockSizeBytes(), 0);
  }

  /** Notes in the superblock that there is a file of 2 GiB or more, when the first one grows so. */
  void noteSize(Handle handle, long sizeBytes) throws IOException {
    Superblock superblock = volume.superblock();
    if (sizeBytes <= Integer.MAX_VALUE || superblock.has(Feature.LARGE_FILE)) {
      return;
    }
    changeSuperblock(handle, changed -> changed.feature(Feature.LARGE_FILE, true));
  }

  /** Changes the superblock, in memory and in its block. */
  void changeSuperblock(Handle handle, Consumer<Superblock> change) throws IOException {
    volume.storeSuperblock(handle, lock, change);
  }

  /** Adds clusters to what an inode occupies; the caller stores the inode. */
  void charge(Handle handle, InodeBlock owner, long clusters) {
    Inode inode = owner.inode();
    int blockSize = groups.blockSizeBytes();
    long bytes = clusters * blocksPerCluster * blockSize;
    boolean huge = volume.superblock().has(Feature.HUGE_FILE);
    long sectors = inode.sectors(huge, blockSize) + bytes / Inode.SECTOR_BYTES;
    boolean unused = inode.sectors(sectors, huge, blockSize);
    quotas.charge(handle, this, owner, bytes);
  }
}
