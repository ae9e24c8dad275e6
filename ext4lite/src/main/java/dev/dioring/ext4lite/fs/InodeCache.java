package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The inodes in use: one object per number, read from disk where it is not in memory. */
final class InodeCache {
  private static final int CHECK_TRIES = 3;
  private static final int IDLE_MIN = 64;
  private static final int IDLE_MAX = 4096;

  /** Inodes that nobody works with may keep one in so many of the cached blocks from leaving. */
  private static final int SHARE = 4;

  private final VolumeReader volume;
  private final InodeTable table;
  private final FileServices services;
  private final InodeEviction eviction;
  private final ResidentInodes residents;

  /** What changing content that lies in inodes needs. Set once, before use. */
  private @Nullable ChangeContext changes;

  InodeCache(VolumeReader volume, InodeTable table, FileServices services) {
    this.volume = volume;
    this.table = table;
    this.services = services;
    eviction = new InodeEviction(volume);
    VolumeContext context = volume.context();
    long blocks = context.cache().stats().limitBytes() / context.groups().blockSizeBytes();
    int idleMax = Math.clamp(blocks / SHARE, IDLE_MIN, IDLE_MAX);
    residents =
        new ResidentInodes(volume.name(), eviction, context.groups().inodesCount(), idleMax);
  }

  /** Says how inodes are changed, before any is used. */
  void changes(ChangeContext context) {
    changes = context;
  }

  /** Says who deletes inodes without a name, before any is used. */
  void removal(InodeRemoval deletes) {
    eviction.removal(deletes);
  }

  /** What follows corrupt structures. */
  VolumeErrors errors() {
    return services.errors();
  }

  /** Where reads are noted. */
  AccessNotes accesses() {
    return services.accesses();
  }

  /** Which changes have to be durable before they end. */
  SyncRules syncs() {
    return services.syncs();
  }

  /** Why nothing may be written, or empty. */
  String readOnlyReason() {
    return services.readOnlyReason();
  }

  /** Which of them are in memory. */
  ResidentInodes residents() {
    return residents;
  }

  /**
   * Refers to an inode in use, which the caller releases.
   *
   * @throws Ext4Exception ENOENT if there is no such number, or it is just being deleted
   */
  LiveInode acquire(long inodeNr) throws IOException {
    for (int tries = 1; ; tries++) {
      LiveInode live = residents.use(inodeNr);
      if (live == null) {
        live = load(inodeNr, tries == CHECK_TRIES);
      }
      if (live != null) {
        return live;
      }
      if (tries == CHECK_TRIES) {
        throw new Ext4Exception("inode " + inodeNr, Errno.ENOENT, "it was deleted");
      }
    }
  }

  /**
   * Reads an inode that is not in memory.
   *
   * @param last whether to throw what is found corrupt: it may have come into memory by another
   *     thread, and be read in the middle of a change
   * @return null if it changed meanwhile
   */
  private @Nullable LiveInode load(long inodeNr, boolean last) throws IOException {
    InodeBlock block;
    try {
      block = table.checked(inodeNr);
    } catch (CorruptStructureException e) {
      if (last) {
        throw e;
      }
      return null;
    }
    int generation = block.inode().generation();
    return residents.admit(new LiveInode(volume, block), generation);
  }

  /** Takes an inode that was just allocated, whose buffer's pin it takes over. @return referred */
  LiveInode insert(InodeBlock block) throws Ext4Exception {
    return residents.add(new LiveInode(volume, block));
  }

  /**
   * Drops a reference. With the last one an inode that the front does not know leaves memory, which
   * may wait for what is in flight and store its times.
   */
  void release(LiveInode live) throws IOException {
    residents.release(live);
  }

  /** Stores the times that the disk lacks. Parks. */
  void storeTimes() throws IOException {
    for (LiveInode live : residents.all()) {
      // Those that leave meanwhile have them stored.
      if (live.hasUnstoredTimes() && residents.tryUse(live)) {
        try {
          eviction.storeTimes(live);
        } finally {
          release(live);
        }
      }
    }
  }

  /** Stores the times of an inode that the caller refers to. Parks. */
  void storeTimes(LiveInode live) throws IOException {
    eviction.storeTimes(live);
  }

  /** Waits until no request is in flight on any open file. */
  void drain() {
    for (LiveInode live : residents.all()) {
      RegularFile file = live.file();
      if (file != null) {
        file.completions().inFlight().await();
      }
    }
  }

  /** A copy of an inode in use, which the caller refers to. */
  Inode copy(LiveInode live) {
    long stamp = live.fieldLock().readLock();
    try {
      Inode inode = live.inode();
      int size = inode.recordBytes();
      MemorySegment copy = MemorySegment.ofArray(new byte[size]);
      MemorySegment.copy(inode.memory(), inode.byteOffset(), copy, 0, size);
      return new Inode(copy, 0, size);
    } finally {
      live.fieldLock().unlockRead(stamp);
    }
  }

  /** Opens an inode, which the caller checked to be a regular file and refers to. */
  Ext4File open(LiveInode live, boolean writable) {
    RegularFile file = file(live);
    residents.refer(live);
    boolean mayWrite = writable && services.readOnlyReason().isEmpty();
    return new Ext4File(file, live, this, services.engine(), mayWrite);
  }

  /** What the direct-I/O layer knows a regular file as, which the caller refers to. */
  RegularFile file(LiveInode live) {
    RegularFile known = live.file();
    if (known != null) {
      return known;
    }
    ReentrantLock lock = residents.lock();
    lock.lock();
    try {
      return fileOf(live);
    } finally {
      lock.unlock();
    }
  }

  private RegularFile fileOf(LiveInode live) {
    RegularFile file = live.file();
    if (file == null) {
      ChangeContext context = Objects.requireNonNull(changes, "set before use");
      InlineFile inline = InlineFile.mayBe(context, live) ? new InlineFile(context, live) : null;
      file = new RegularFile(volume.context(), live, inline, services, this);
      live.file(file);
    }
    return file;
  }
}
