package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.LargeChangeException;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What changing names and inodes needs.
 *
 * @param attributes guards blocks of attributes, which inodes may share; behind a handle, before
 *     the fields
 * @param writeback has what is written later, or null
 * @param rules mount options
 * @param readOnlyReason why nothing may be changed, or empty
 */
record ChangeContext(
    VolumeReader reader,
    BlockAllocator blocks,
    InodeAllocator inodeNumbers,
    OrphanList orphans,
    ReentrantLock attributes,
    Clock clock,
    @Nullable Writeback writeback,
    Ext4Options rules,
    String readOnlyReason) {

  /** Begins a change that touches so many blocks at most. */
  Handle start(int credits) throws ReadOnlyVolumeException, LargeChangeException {
    return reader.context().journal().start(credits);
  }

  InodeCache inodes() {
    return reader.inodes();
  }

  DirectoryEditor editor(LiveInode directory) {
    return new DirectoryEditor(reader, blocks, directory);
  }

  /**
   * Makes sure that the names of a directory, locked for writing, can be changed. Where its entries
   * were found before may not hold any more.
   *
   * @return whether they are in another place now
   */
  boolean makeEditable(LiveInode directory) throws IOException {
    editor(directory).requireEditable();
    if (!directory.view().isInline()) {
      return false;
    }
    new InlineDirectoryMove(this, directory).run();
    return true;
  }

  /** What is done with the fields of an inode. */
  @FunctionalInterface
  interface FieldChange {
    void apply(Inode inode);
  }

  /** Changes fields of an inode and stores it. */
  void change(Handle handle, LiveInode live, FieldChange change) {
    handle.access(live.block().buffer());
    long stamp = live.fieldLock().writeLock();
    try {
      live.takeTimes();
      change.apply(live.inode());
      live.block().changed(handle);
    } finally {
      live.fieldLock().unlockWrite(stamp);
    }
  }

  /** Notes that the names in a directory changed. */
  void touchDirectory(Handle handle, LiveInode directory, FieldChange more) {
    Instant now = clock.instant();
    change(
        handle,
        directory,
        inode -> {
          inode.time(InodeStamp.MODIFICATION, now.getEpochSecond(), now.getNano());
          inode.time(InodeStamp.CHANGE, now.getEpochSecond(), now.getNano());
          inode.version(inode.version() + 1);
          more.apply(inode);
        });
  }

  /** Notes that an inode changed. */
  void touch(Handle handle, LiveInode live, FieldChange more) {
    Instant now = clock.instant();
    change(
        handle,
        live,
        inode -> {
          inode.time(InodeStamp.CHANGE, now.getEpochSecond(), now.getNano());
          inode.version(inode.version() + 1);
          more.apply(inode);
        });
  }

  /** Refuses directories that no name may be added to. */
  void requireAdditions(LiveInode directory) throws Ext4Exception {
    String what = "adding a name to inode " + directory.inodeNr();
    if (!directory.isDirectory()) {
      throw new Ext4Exception(what, Errno.ENOTDIR, "");
    }
    if (directory.inode().linksCount() == 0) {
      throw new Ext4Exception(what, Errno.ENOENT, "it was removed");
    }
    if (directory.inode().has(Inode.FLAG_IMMUTABLE)) {
      throw new Ext4Exception(what, Errno.EPERM, "it is immutable");
    }
  }

  /** Refuses a name in a directory that passes its project on, for what is of another project. */
  void requireProject(LiveInode directory, LiveInode named) throws Ext4Exception {
    boolean passesOn = reader.has(Feature.PROJECT) && directory.inode().has(Inode.FLAG_PROJINHERIT);
    if (passesOn && directory.inode().projectId() != named.inode().projectId()) {
      throw new Ext4Exception(
          "adding a name to inode " + directory.inodeNr(),
          Errno.EXDEV,
          "inode " + named.inodeNr() + " is of another project");
    }
  }

  /** Refuses to remove a name of an inode from a directory. */
  void requireRemovable(LiveInode directory, LiveInode victim) throws Ext4Exception {
    int kept = Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND;
    if (directory.inode().has(kept) || victim.inode().has(kept)) {
      throw new Ext4Exception(
          "removing a name of inode " + victim.inodeNr(),
          Errno.EPERM,
          "it or its directory is immutable or append-only");
    }
  }
}
