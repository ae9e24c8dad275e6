package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The inodes that have no name, or are longer on disk than they say: whoever finds the volume after
 * a crash frees what they should not have. On disk they are a list from the superblock on, linked
 * by the deletion times.
 *
 * <p>Rank: behind a handle, before the fields of the inodes.
 */
final class OrphanList {
  private final VolumeContext volume;
  private final GroupBitmaps bitmaps;
  private final ReentrantLock lock = new ReentrantLock();

  /** From the tail of the list to its head; guarded by the lock, like the links on disk. */
  private final List<LiveInode> orphans = new ArrayList<>();

  OrphanList(VolumeContext volume, GroupBitmaps bitmaps) {
    this.volume = volume;
    this.bitmaps = bitmaps;
  }

  /** Adds an inode, which stays in use until it is removed; nothing if it is there. */
  void add(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      if (orphans.contains(orphan)) {
        return;
      }
      link(handle, orphan, headNr());
      orphans.add(orphan);
      storeHead(handle);
    } finally {
      lock.unlock();
    }
  }

  /** Removes an inode, if it is there, and leaves its deletion time at 0. */
  void remove(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      int index = orphans.lastIndexOf(orphan);
      if (index < 0) {
        return;
      }
      orphans.remove(index);
      link(handle, orphan, 0);
      if (index == orphans.size()) {
        storeHead(handle);
      } else {
        link(handle, orphans.get(index), index == 0 ? 0 : orphans.get(index - 1).inodeNr());
      }
    } finally {
      lock.unlock();
    }
  }

  private long headNr() {
    return orphans.isEmpty() ? 0 : orphans.get(orphans.size() - 1).inodeNr();
  }

  private static void link(Handle handle, LiveInode orphan, long nextNr) {
    handle.access(orphan.block().buffer());
    long stamp = orphan.fieldLock().writeLock();
    try {
      orphan.inode().deletionTime(nextNr);
      orphan.block().changed(handle);
    } finally {
      orphan.fieldLock().unlockWrite(stamp);
    }
  }

  /** Puts the superblock as it is in memory into its block. */
  private void storeHead(Handle handle) throws IOException {
    Superblock superblock = volume.superblock();
    try (MetadataBuffer buffer = volume.cache().get(volume.groups().superblockBlockNr())) {
      handle.access(buffer);
      bitmaps.lock().lock();
      try {
        superblock.lastOrphanInodeNr(headNr());
        superblock.updateChecksum();
        MemorySegment.copy(
            superblock.memory(),
            superblock.base(),
            buffer.data(),
            volume.groups().superblockByteOffset(),
            Superblock.SIZE_BYTES);
      } finally {
        bitmaps.lock().unlock();
      }
      handle.dirty(buffer);
    }
  }
}
