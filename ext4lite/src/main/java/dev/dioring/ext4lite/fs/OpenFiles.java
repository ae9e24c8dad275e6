package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DirectIo;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The regular files of a volume that are open, one object per inode. */
final class OpenFiles {
  private static final class Entry {
    final RegularFile file;
    int handles;

    Entry(RegularFile file) {
      this.file = file;
    }
  }

  private final VolumeContext volume;
  private final BlockDevice device;
  private final BlockAllocator allocator;
  private final DirectIo engine;
  private final DeferredCompletions deferred;
  private final Clock clock;
  private final String readOnlyReason;

  /** Guards the map; not held while anything waits. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<Long, Entry> entries = new HashMap<>();

  OpenFiles(
      VolumeContext volume,
      BlockDevice device,
      BlockAllocator allocator,
      DirectIo engine,
      DeferredCompletions deferred,
      Clock clock,
      String readOnlyReason) {
    this.volume = volume;
    this.device = device;
    this.allocator = allocator;
    this.engine = engine;
    this.deferred = deferred;
    this.clock = clock;
    this.readOnlyReason = readOnlyReason;
  }

  /** Why nothing may be written, or empty. */
  String readOnlyReason() {
    return readOnlyReason;
  }

  /** The file of an inode if it is in use, else null. */
  @Nullable RegularFile find(long inodeNr) {
    lock.lock();
    try {
      Entry entry = entries.get(inodeNr);
      return entry == null ? null : entry.file;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens an inode, which the caller checked to be a regular file.
   *
   * @param inline its content if that lies in the inode, else null
   */
  Ext4File open(InodeBlock inode, byte @Nullable [] inline, boolean writable) {
    lock.lock();
    try {
      Entry entry = entries.get(inode.inodeNr());
      if (entry == null) {
        entry =
            new Entry(new RegularFile(volume, device, inode, inline, allocator, deferred, clock));
        entries.put(inode.inodeNr(), entry);
      } else {
        inode.buffer().close();
      }
      entry.handles++;
      return new Ext4File(entry.file, this, engine, writable && readOnlyReason.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Drops a handle. The last one waits for what is in flight and stores the times. */
  void release(RegularFile file) throws IOException {
    lock.lock();
    try {
      Entry entry = entries.get(file.owner().inodeNr());
      if (entry == null || --entry.handles > 0) {
        return;
      }
    } finally {
      lock.unlock();
    }
    evictIfUnused(file);
  }

  /** Evicts all files, open or not: for unmount, after I/O has drained. */
  void evictAll() throws IOException {
    List<RegularFile> all = new ArrayList<>();
    lock.lock();
    try {
      for (Entry entry : entries.values()) {
        entry.handles = 0;
        all.add(entry.file);
      }
    } finally {
      lock.unlock();
    }
    for (RegularFile file : all) {
      evictIfUnused(file);
    }
  }

  /** Waits until no request is in flight on any open file. */
  void drain() {
    List<RegularFile> all;
    lock.lock();
    try {
      all = entries.values().stream().map(entry -> entry.file).toList();
    } finally {
      lock.unlock();
    }
    all.forEach(file -> file.completions().inFlight().await());
  }

  private void evictIfUnused(RegularFile file) throws IOException {
    file.completions().inFlight().await();
    if (volume.journal().abortErrno() == 0) {
      file.storeTimes();
    }
    lock.lock();
    try {
      Entry entry = entries.get(file.owner().inodeNr());
      if (entry != null && entry.handles == 0) {
        entries.remove(file.owner().inodeNr());
        file.owner().buffer().close();
      }
    } finally {
      lock.unlock();
    }
  }
}
