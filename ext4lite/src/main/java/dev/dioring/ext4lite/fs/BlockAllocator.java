package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allocates and frees blocks in the group bitmaps: first fit from a goal, then in the groups behind
 * it. Not for bigalloc volumes.
 */
final class BlockAllocator {
  private static final Logger LOG = LoggerFactory.getLogger(BlockAllocator.class);
  private static final int FREE_CREDITS = 3;

  private final VolumeContext volume;
  private final BlockGroups groups;
  private final GroupBitmaps bitmaps;
  private final Quotas quotas;

  /** Free blocks that content does not get. */
  private final long keptBlocks;

  private final ReentrantLock lock;

  /**
   * Free blocks, by group, that must not be allocated: freed by changes that are not durable yet,
   * or set aside for writes. Guarded by the lock.
   */
  private final Map<Long, BitSet> held = new HashMap<>();

  /**
   * Free blocks of the volume; guarded by the lock, stored in the superblock when it is written.
   */
  private long freeBlocks;

  BlockAllocator(VolumeContext volume, GroupBitmaps bitmaps, Quotas quotas) throws IOException {
    this.volume = volume;
    this.groups = volume.groups();
    this.bitmaps = bitmaps;
    this.quotas = quotas;
    keptBlocks = VolumeUsage.keptBlocks(volume.superblock(), groups);
    lock = bitmaps.lock();
    for (long group = 0; group < groups.groupsCount(); group++) {
      freeBlocks += bitmaps.descriptor(group).freeClustersCount();
    }
  }

  /** Free blocks, reserved ones included. */
  long freeBlocks() {
    lock.lock();
    try {
      return freeBlocks;
    } finally {
      lock.unlock();
    }
  }

  /** Where an inode's blocks should go: into its own group. */
  long goalFor(long inodeNr) {
    return groups.firstBlockNr(groups.groupOfInode(inodeNr));
  }

  /**
   * Allocates one block for content.
   *
   * @return its number
   */
  long allocateOne(Handle handle, long goalBlockNr) throws IOException {
    return allocate(handle, goalBlockNr, 1).blockNr();
  }

  /**
   * Allocates a block for a node of an extent tree, out of what is kept back if it has to be: when
   * data was written into preallocated blocks, marking them as written must not fail.
   *
   * @return its number
   */
  long allocateNode(Handle handle, long goalBlockNr) throws IOException {
    return allocate(handle, goalBlockNr, 1, 0, false, Long.MAX_VALUE).blockNr();
  }

  /** A run of blocks. */
  record Run(long blockNr, int lengthBlocks) {}

  /**
   * Allocates a run of up to {@code wantedBlocks} blocks: the first one at or behind the goal that
   * is long enough within its group, else the longest of the first group that has any.
   */
  Run allocate(Handle handle, long goalBlockNr, int wantedBlocks) throws IOException {
    return allocate(handle, goalBlockNr, wantedBlocks, keptBlocks, false, Long.MAX_VALUE);
  }

  /**
   * Sets blocks aside for content that is still to be written: nobody else gets them, but on disk
   * they stay free until {@link #take}.
   *
   * @param endBlockNr blocks from here on are not wanted
   */
  Run claim(Handle handle, long goalBlockNr, int wantedBlocks, long endBlockNr) throws IOException {
    return allocate(handle, goalBlockNr, wantedBlocks, keptBlocks, true, endBlockNr);
  }

  /** Allocates blocks that were claimed, within one group. */
  void take(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    long group = groups.groupOfBlock(blockNr);
    int start = (int) (blockNr - groups.firstBlockNr(group));
    lock.lock();
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      handle.access(bitmap);
      bitmaps.set(handle, group, bitmap, start, lengthBlocks);
      held.computeIfAbsent(group, g -> new BitSet()).clear(start, start + lengthBlocks);
    } finally {
      lock.unlock();
    }
  }

  /** Gives blocks up that were claimed, within one group, and never written. */
  void unclaim(long blockNr, int lengthBlocks) {
    long group = groups.groupOfBlock(blockNr);
    int start = (int) (blockNr - groups.firstBlockNr(group));
    lock.lock();
    try {
      held.computeIfAbsent(group, g -> new BitSet()).clear(start, start + lengthBlocks);
      freeBlocks += lengthBlocks;
    } finally {
      lock.unlock();
    }
  }

  private Run allocate(
      Handle handle,
      long goalBlockNr,
      int wantedBlocks,
      long reserved,
      boolean claim,
      long endBlockNr)
      throws IOException {
    lock.lock();
    try {
      if (freeBlocks <= reserved) {
        throw new NoSpaceException(wantedBlocks, freeBlocks, reserved);
      }
      int wanted = (int) Math.min(wantedBlocks, freeBlocks - reserved);
      long goal = groups.contains(goalBlockNr, 1) ? goalBlockNr : groups.firstDataBlock();
      long first = groups.groupOfBlock(goal);
      for (long i = 0; i < groups.groupsCount(); i++) {
        long group = (first + i) % groups.groupsCount();
        if (groups.firstBlockNr(group) >= endBlockNr) {
          continue;
        }
        int from = i == 0 ? (int) (goal - groups.firstBlockNr(group)) : 0;
        Run run = allocateIn(handle, group, from, wanted, claim);
        if (run.lengthBlocks() > 0) {
          return run;
        }
      }
      throw new NoSpaceException(wantedBlocks, freeBlocks, reserved);
    } finally {
      lock.unlock();
    }
  }

  /** Gives blocks back that were allocated through this same handle and never referred to. */
  void freeUnused(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    lock.lock();
    try {
      free(handle, blockNr, lengthBlocks);
    } finally {
      lock.unlock();
    }
  }

  /** Frees a block of metadata that the change under way takes from its owner. */
  void releaseMetadata(Handle handle, long blockNr) throws IOException {
    handle.revoke(blockNr);
    release(handle, blockNr, 1);
  }

  /**
   * Frees blocks that the change under way takes from their owner. Until it is durable the disk may
   * still give them to that owner, so they are not allocated again before.
   *
   * <p>Where changes are not atomic the bitmap, which is written first, must not say so before
   * either. If it cannot be told later, the blocks stay marked as in use, which e2fsck repairs.
   */
  void release(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    long end = blockNr + lengthBlocks;
    for (long at = blockNr; at < end; ) {
      long group = groups.groupOfBlock(at);
      long groupEnd = groups.firstBlockNr(group) + groups.blocksPerGroup();
      int length = (int) (Math.min(end, groupEnd) - at);
      if (volume.journal().isAtomic()) {
        releaseNow(handle, group, at, length);
      } else {
        releaseLater(handle, at, length);
      }
      at += length;
    }
  }

  private void releaseNow(Handle handle, long group, long blockNr, int lengthBlocks)
      throws IOException {
    int start = (int) (blockNr - groups.firstBlockNr(group));
    lock.lock();
    try {
      free(handle, blockNr, lengthBlocks);
      held.computeIfAbsent(group, g -> new BitSet()).set(start, start + lengthBlocks);
    } finally {
      lock.unlock();
    }
    handle.afterCommit(
        () -> {
          lock.lock();
          try {
            BitSet inGroup = held.get(group);
            if (inGroup != null) {
              inGroup.clear(start, start + lengthBlocks);
            }
          } finally {
            lock.unlock();
          }
        });
  }

  private void releaseLater(Handle handle, long blockNr, int lengthBlocks) {
    handle.afterCommit(
        () -> {
          try (Handle later = volume.journal().start(FREE_CREDITS)) {
            freeUnused(later, blockNr, lengthBlocks);
          } catch (ReadOnlyVolumeException e) {
            LOG.debug("blocks from {} stay marked as in use: {}", blockNr, e.getMessage());
          } catch (IOException e) {
            LOG.warn("blocks from {} stay marked as in use: {}", blockNr, e.getMessage());
          }
        });
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
    quotas.require(owner.inode(), blocks * groups.blockSizeBytes(), 0);
  }

  /** Adds blocks to what an inode occupies; the caller stores the inode. */
  void charge(Handle handle, InodeBlock owner, long blocks) {
    Inode inode = owner.inode();
    int blockSize = groups.blockSizeBytes();
    boolean huge = volume.superblock().has(Feature.HUGE_FILE);
    long sectors = inode.sectors(huge, blockSize) + blocks * (blockSize / Inode.SECTOR_BYTES);
    boolean unused = inode.sectors(sectors, huge, blockSize);
    quotas.charge(handle, this, owner, blocks * blockSize);
  }

  private Run allocateIn(Handle handle, long group, int from, int wanted, boolean claim)
      throws IOException {
    if (bitmaps.descriptor(group).freeClustersCount() == 0) {
      return new Run(0, 0);
    }
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      int bits = (int) groups.blocksIn(group);
      long best = bitmaps.findRun(bitmap, held.get(group), from, bits, wanted);
      if ((int) best < wanted && from > 0) {
        long before = bitmaps.findRun(bitmap, held.get(group), 0, from, wanted);
        best = (int) before > (int) best ? before : best;
      }
      int length = (int) best;
      int start = (int) (best >>> 32);
      if (length > 0) {
        requireData(group, bitmap, groups.firstBlockNr(group) + start, length);
        if (claim) {
          held.computeIfAbsent(group, g -> new BitSet()).set(start, start + length);
        } else {
          handle.access(bitmap);
          bitmaps.set(handle, group, bitmap, start, length);
        }
        freeBlocks -= length;
      }
      return new Run(groups.firstBlockNr(group) + start, length);
    }
  }

  /** On a corrupt volume a bitmap may offer the volume's own metadata. */
  private void requireData(long group, MetadataBuffer bitmap, long blockNr, int lengthBlocks)
      throws CorruptStructureException {
    if (!volume.dataBlocks().contains(blockNr, lengthBlocks, DataBlocks.NO_INODE)) {
      throw new CorruptStructureException(
          "block bitmap of group " + group + " in block " + bitmap.blockNr(),
          "metadata of the volume is in use",
          "set for all of it",
          "clear within blocks " + blockNr + " + " + lengthBlocks);
    }
  }

  private void free(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    long group = groups.groupOfBlock(blockNr);
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      int start = (int) (blockNr - groups.firstBlockNr(group));
      if (!bitmaps.allSet(bitmap, start, lengthBlocks)) {
        throw new CorruptStructureException(
            "block bitmap of group " + group,
            "a block being freed is in use",
            "bits " + start + " + " + lengthBlocks + " set",
            "some clear");
      }
      handle.access(bitmap);
      bitmaps.clear(handle, group, bitmap, start, lengthBlocks);
      freeBlocks += lengthBlocks;
    }
  }
}
