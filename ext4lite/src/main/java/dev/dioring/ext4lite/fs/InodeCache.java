package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.Waiting;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The inodes in use: one object per number, kept while it is referred to by an open file, a look-up
 * that was not forgotten yet, or an operation under way.
 */
final class InodeCache {
  private static final int CHECK_TRIES = 3;

  private final VolumeReader volume;
  private final InodeTable table;
  private final FileServices services;

  /** Guards the map and the references; not held while anything waits. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<Long, LiveInode> inodes = new HashMap<>();

  /** Deletes inodes without a name; null where nothing is changed. Set once, before use. */
  private @Nullable InodeRemoval removal;

  /** What changing content that lies in inodes needs. Set once, before use. */
  private @Nullable ChangeContext changes;

  InodeCache(VolumeReader volume, InodeTable table, FileServices services) {
    this.volume = volume;
    this.table = table;
    this.services = services;
  }

  /** Says how inodes are changed, before any is used. */
  void changes(ChangeContext context) {
    changes = context;
  }

  /** Says who deletes inodes without a name, before any is used. */
  void removal(InodeRemoval deletes) {
    removal = deletes;
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

  /**
   * Refers to an inode in use, which the caller releases.
   *
   * @throws Ext4Exception ENOENT if there is no such number, or it is just being deleted
   */
  LiveInode acquire(long inodeNr) throws IOException {
    for (int tries = 1; ; tries++) {
      LiveInode live = tryAcquire(inodeNr);
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
   * Makes an inode live that is not.
   *
   * @param last whether to throw what is found corrupt: it may have been made live by another
   *     thread, and read in the middle of a change
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
    LiveInode made = new LiveInode(volume, block);
    lock.lock();
    try {
      LiveInode present = inodes.get(inodeNr);
      Inode inode = block.inode();
      if (present != null) {
        block.buffer().close();
        requireStaying(present);
        present.addReferences(1);
        return present;
      }
      if (inode.linksCount() == 0 || inode.generation() != generation) {
        // Deleted since it was read, by number alone, it must not come to life again.
        block.buffer().close();
        return null;
      }
      inodes.put(inodeNr, made);
      made.addReferences(1);
      return made;
    } finally {
      lock.unlock();
    }
  }

  /** Adds references to an inode that is in use already. */
  void refer(LiveInode live, long count) {
    lock.lock();
    try {
      live.addReferences(count);
    } finally {
      lock.unlock();
    }
  }

  /** Whether an inode has no name, and no more than one reference. */
  boolean isLastReference(LiveInode live) {
    lock.lock();
    try {
      return live.addReferences(0) == 1 && live.inode().linksCount() == 0;
    } finally {
      lock.unlock();
    }
  }

  /** The inode if it is in use, without referring to it. */
  @Nullable LiveInode find(long inodeNr) {
    lock.lock();
    try {
      return inodes.get(inodeNr);
    } finally {
      lock.unlock();
    }
  }

  /** How many are in use. */
  int count() {
    lock.lock();
    try {
      return inodes.size();
    } finally {
      lock.unlock();
    }
  }

  /** Takes an inode that was just allocated or loaded, whose buffer's pin it takes over. */
  LiveInode insert(InodeBlock block, long references) throws Ext4Exception {
    LiveInode made = new LiveInode(volume, block);
    lock.lock();
    try {
      LiveInode present = inodes.putIfAbsent(block.inodeNr(), made);
      if (present == null) {
        made.addReferences(references);
        return made;
      }
      block.buffer().close();
      requireStaying(present);
      present.addReferences(references);
      return present;
    } finally {
      lock.unlock();
    }
  }

  /** A copy of an inode in use. */
  Inode copy(long inodeNr) throws IOException {
    LiveInode live = acquire(inodeNr);
    long stamp = live.fieldLock().readLock();
    try {
      Inode inode = live.inode();
      int size = inode.recordBytes();
      MemorySegment copy = MemorySegment.ofArray(new byte[size]);
      MemorySegment.copy(inode.memory(), inode.byteOffset(), copy, 0, size);
      return new Inode(copy, 0, size);
    } finally {
      live.fieldLock().unlockRead(stamp);
      release(live);
    }
  }

  /** Opens an inode, which the caller checked to be a regular file and refers to. */
  Ext4File open(LiveInode live, boolean writable) {
    RegularFile file;
    lock.lock();
    try {
      file = fileOf(live);
      live.addReferences(1);
    } finally {
      lock.unlock();
    }
    boolean mayWrite = writable && services.readOnlyReason().isEmpty();
    return new Ext4File(file, live, this, services.engine(), mayWrite);
  }

  /** What the direct-I/O layer knows a regular file as, which the caller refers to. */
  RegularFile file(LiveInode live) {
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

  /** Drops a reference. The last one waits for what is in flight and stores the times. */
  void release(LiveInode live) throws IOException {
    release(live, 1);
  }

  /** Drops references; those that are dropped beyond what there are do not count. */
  void release(LiveInode live, long count) throws IOException {
    lock.lock();
    try {
      if (live.addReferences(-count) > 0 || live.isEvicting()) {
        return;
      }
      boolean clean = live.file() == null && live.unstoredAccess() == null;
      if (clean && live.inode().linksCount() > 0) {
        remove(live);
        return;
      }
    } finally {
      lock.unlock();
    }
    // Whoever gives up an attempt to look has to let go of what it looked at all the same.
    boolean forbidden = Waiting.forbid(false);
    try {
      evictIfUnused(live);
    } finally {
      Waiting.forbid(forbidden);
    }
  }

  /** Evicts all inodes, in use or not: for unmount, after I/O has drained. */
  void evictAll() throws IOException {
    for (LiveInode live : all()) {
      lock.lock();
      try {
        live.addReferences(-live.addReferences(0));
      } finally {
        lock.unlock();
      }
      evictIfUnused(live);
    }
  }

  /** Waits until no request is in flight on any open file. */
  void drain() {
    for (LiveInode live : all()) {
      RegularFile file = live.file();
      if (file != null) {
        file.completions().inFlight().await();
      }
    }
  }

  private @Nullable LiveInode tryAcquire(long inodeNr) throws Ext4Exception {
    lock.lock();
    try {
      LiveInode live = inodes.get(inodeNr);
      if (live != null) {
        requireStaying(live);
        live.addReferences(1);
      }
      return live;
    } finally {
      lock.unlock();
    }
  }

  private static void requireStaying(LiveInode live) throws Ext4Exception {
    if (live.isEvicting()) {
      throw new Ext4Exception("inode " + live.inodeNr(), Errno.ENOENT, "it is being deleted");
    }
  }

  private List<LiveInode> all() {
    lock.lock();
    try {
      return new ArrayList<>(inodes.values());
    } finally {
      lock.unlock();
    }
  }

  private void evictIfUnused(LiveInode live) throws IOException {
    RegularFile file = live.file();
    boolean writable = volume.context().journal().abortErrno() == 0;
    if (file != null) {
      file.settle();
      if (writable) {
        file.storeTimes();
      }
    }
    if (writable && live.inode().linksCount() > 0) {
      services.accesses().store(volume.context(), live);
    }
    InodeRemoval deletes = writable ? removal : null;
    boolean delete;
    lock.lock();
    try {
      // Another may have evicted it meanwhile, and the inode be live again as another object.
      boolean gone = inodes.get(live.inodeNr()) != live;
      if (gone || live.addReferences(0) > 0 || live.isEvicting()) {
        return;
      }
      delete = deletes != null && live.inode().linksCount() == 0;
      if (delete) {
        live.evicting(true);
      } else {
        remove(live);
      }
    } finally {
      lock.unlock();
    }
    if (delete && deletes != null) {
      // If it fails the inode stays among the orphans, pinned, for whoever checks the volume.
      deletes.delete(live);
      live.block().buffer().close();
    }
  }

  /** Forgets an inode that is being deleted, before its number is free for another. */
  void forgetDeleted(LiveInode live) {
    lock.lock();
    try {
      inodes.remove(live.inodeNr(), live);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets an inode that was made and not used; its number is not free yet. */
  void discard(LiveInode made) {
    lock.lock();
    try {
      remove(made);
    } finally {
      lock.unlock();
    }
  }

  private void remove(LiveInode live) {
    if (inodes.remove(live.inodeNr(), live)) {
      live.block().buffer().close();
    }
  }
}
