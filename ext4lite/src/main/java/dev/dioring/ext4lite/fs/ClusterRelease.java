package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Bitmap;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees clusters that a change takes from their owner. Until it is durable the disk may still give
 * them to that owner, so they are not allocated again before.
 *
 * <p>Where changes are not atomic the bitmap, which is written first, must not say so before
 * either. If it cannot be told later, the blocks stay marked as in use, which e2fsck repairs.
 */
final class ClusterRelease {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterRelease.class);
  private static final int FREE_CREDITS = 3;

  private final VolumeContext volume;
  private final BlockGroups groups;
  private final GroupBitmaps bitmaps;
  private final FreeClusters free;
  private final FreeSpace space;
  private final Discards discards;
  private final ReentrantLock lock;

  ClusterRelease(
      VolumeContext volume,
      GroupBitmaps bitmaps,
      FreeClusters free,
      FreeSpace space,
      Discards discards) {
    this.volume = volume;
    this.bitmaps = bitmaps;
    this.free = free;
    this.space = space;
    this.discards = discards;
    groups = volume.groups();
    lock = bitmaps.lock();
  }

  /** Frees whole clusters. */
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

  /** Gives blocks back that were allocated through this same handle and never referred to. */
  void undo(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    lock.lock();
    try {
      free(handle, blockNr, lengthBlocks);
    } finally {
      lock.unlock();
    }
  }

  /** Lets clusters be found that were held. */
  void letGo(long group, int start, int length) {
    lock.lock();
    try {
      free.letGo(group, start, length);
    } finally {
      lock.unlock();
    }
  }

  private void releaseNow(Handle handle, long group, long blockNr, int lengthBlocks)
      throws IOException {
    int start = groups.clusterInGroup(blockNr);
    int length = Math.ceilDiv(lengthBlocks, groups.blocksPerCluster());
    lock.lock();
    try {
      free(handle, blockNr, lengthBlocks);
      free.hold(group, start, length);
    } finally {
      lock.unlock();
    }
    if (discards.areOn()) {
      handle.afterCommit(
          () -> {
            discards.discard(blockNr, lengthBlocks);
            letGo(group, start, length);
          });
    } else {
      handle.atCommit(() -> letGo(group, start, length));
    }
  }

  private void releaseLater(Handle handle, long blockNr, int lengthBlocks) {
    handle.afterCommit(
        () -> {
          discards.discard(blockNr, lengthBlocks);
          try (Handle later = volume.journal().start(FREE_CREDITS)) {
            undo(later, blockNr, lengthBlocks);
          } catch (ReadOnlyVolumeException e) {
            LOG.debug("blocks from {} stay marked as in use: {}", blockNr, e.getMessage());
          } catch (IOException e) {
            LOG.warn("blocks from {} stay marked as in use: {}", blockNr, e.getMessage());
          }
        });
  }

  private void free(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    long group = groups.groupOfBlock(blockNr);
    int start = groups.clusterInGroup(blockNr);
    int length = Math.ceilDiv(lengthBlocks, groups.blocksPerCluster());
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      if (Bitmap.nextClear(bitmap.data(), start, start + length) < start + length) {
        throw new CorruptStructureException(
            "block bitmap of group " + group,
            "a block being freed is in use",
            "bits " + start + " + " + length + " set",
            "some clear");
      }
      handle.access(bitmap);
      bitmaps.clear(handle, group, bitmap, start, length);
      space.freed(length);
      free.freed(group);
    }
  }
}
