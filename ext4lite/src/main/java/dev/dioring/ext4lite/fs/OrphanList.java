package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The inodes that have no name, or are longer on disk than they say: whoever finds the volume after
 * a crash frees what they should not have. On disk they are in the orphan file, where there is one
 * and it has room, else in a list from the superblock on, linked by the deletion times.
 *
 * <p>Rank: behind a handle, before the fields of the inodes.
 */
final class OrphanList {
  private final VolumeContext volume;
  private final GroupBitmaps bitmaps;
  private final @Nullable OrphanFile file;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, like what is on disk. */
  private final Map<LiveInode, Place> places = new HashMap<>();

  private @Nullable Place head;
  private int inFile;

  /** Where an orphan is recorded: in a slot of the file, or between two others of the list. */
  private static final class Place {
    final LiveInode orphan;
    int slot = OrphanFile.FULL;
    @Nullable Place newer;
    @Nullable Place older;

    Place(LiveInode orphan) {
      this.orphan = orphan;
    }
  }

  OrphanList(VolumeContext volume, GroupBitmaps bitmaps, @Nullable OrphanFile file) {
    this.volume = volume;
    this.bitmaps = bitmaps;
    this.file = file;
  }

  /** Adds an inode, which stays in memory until it is removed; nothing if it is there. */
  void add(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      if (places.containsKey(orphan)) {
        return;
      }
      Place place = new Place(orphan);
      if (file != null) {
        place.slot = file.add(handle, orphan.inodeNr());
      }
      if (place.slot == OrphanFile.FULL) {
        push(handle, place);
      } else {
        inFile++;
      }
      places.put(orphan, place);
      orphan.orphan(true);
    } finally {
      lock.unlock();
    }
  }

  /** Adds an inode that has lost a name, unless it has another, or has got one since. */
  void addNameless(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      if (orphan.inode().linksCount() == 0) {
        add(handle, orphan);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Removes an inode whose size is true again, unless it has lost its names since. */
  void removeNamed(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      if (orphan.inode().linksCount() > 0) {
        remove(handle, orphan);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Removes an inode, if it is there, and leaves its deletion time at 0. */
  void remove(Handle handle, LiveInode orphan) throws IOException {
    lock.lock();
    try {
      Place place = places.get(orphan);
      if (place == null) {
        return;
      }
      if (file != null && place.slot != OrphanFile.FULL) {
        file.remove(handle, place.slot);
        inFile--;
      } else {
        unlink(handle, place);
      }
      places.remove(orphan);
      orphan.orphan(false);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the orphan file has entries. */
  boolean hasFileEntries() {
    lock.lock();
    try {
      return inFile > 0;
    } finally {
      lock.unlock();
    }
  }

  private void push(Handle handle, Place place) throws IOException {
    link(handle, place.orphan, numberOf(head));
    place.older = head;
    if (head != null) {
      head.newer = place;
    }
    head = place;
    storeHead(handle);
  }

  private void unlink(Handle handle, Place place) throws IOException {
    link(handle, place.orphan, 0);
    Place newer = place.newer;
    Place older = place.older;
    if (older != null) {
      older.newer = newer;
    }
    if (newer == null) {
      head = older;
      storeHead(handle);
    } else {
      newer.older = older;
      link(handle, newer.orphan, numberOf(older));
    }
  }

  private static long numberOf(@Nullable Place place) {
    return place == null ? 0 : place.orphan.inodeNr();
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
        superblock.lastOrphanInodeNr(numberOf(head));
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
