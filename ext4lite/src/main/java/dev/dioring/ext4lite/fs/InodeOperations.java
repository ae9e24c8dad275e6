package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.threads.Waiting;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an operation on an inode goes: the inode is referred to meanwhile, changes are refused where
 * nothing may be changed, space that was just freed is waited for, and failures name the inode.
 */
final class InodeOperations {
  private final ChangeContext context;
  private final VolumeReader reader;
  private final InodeCache inodes;
  private final int blockSizeBytes;

  InodeOperations(ChangeContext context) {
    this.context = context;
    reader = context.reader();
    inodes = reader.inodes();
    blockSizeBytes = reader.context().groups().blockSizeBytes();
  }

  /** What is done with an inode in use. */
  @FunctionalInterface
  interface Use<T extends @Nullable Object> {
    T with(LiveInode inode) throws IOException;
  }

  /** Does something with an inode. */
  <T extends @Nullable Object> T using(String what, long inodeNr, Use<T> use) throws Ext4Exception {
    try {
      LiveInode inode = acquire(inodeNr);
      try {
        return use.with(inode);
      } finally {
        inodes.release(inode);
      }
    } catch (IOException e) {
      throw reader.errors().explain(what + " " + describe(inodeNr), inodeNr, e);
    }
  }

  /** Refers to an inode by a number that the caller may not refer to: it may be nobody's by now. */
  private LiveInode acquire(long inodeNr) throws IOException {
    try {
      return inodes.acquire(inodeNr);
    } catch (CorruptStructureException e) {
      if (isInUse(inodeNr)) {
        throw e;
      }
      throw new Ext4Exception(describe(inodeNr), Errno.ENOENT, "it is not in use");
    }
  }

  /** Whether an inode is in use by its bitmap, as far as that can be told. */
  private boolean isInUse(long inodeNr) {
    if (!context.readOnlyReason().isEmpty()) {
      return true;
    }
    Waiting.begins();
    try (Handle handle = reader.context().journal().start(1)) {
      return context.inodeNumbers().isInUse(handle, inodeNr);
    } catch (IOException e) {
      return true;
    }
  }

  /** Makes an inode, which the operation returns referred to. */
  InodeAttributes making(String what, long parentNr, Use<LiveInode> use) throws Ext4Exception {
    return changing(what, parentNr, parent -> handOver(use.with(parent)));
  }

  /** Changes something, once more if space that was freed a moment ago may help. */
  <T extends @Nullable Object> T changing(String what, long inodeNr, Use<T> use)
      throws Ext4Exception {
    if (!context.readOnlyReason().isEmpty()) {
      throw new Ext4Exception(
          what + " " + describe(inodeNr), Errno.EROFS, context.readOnlyReason());
    }
    return using(
        what,
        inodeNr,
        inode -> {
          Journal journal = reader.context().journal();
          T result;
          try {
            result = use.with(inode);
          } catch (NoSpaceException e) {
            result = SpaceRetry.after(e, journal, () -> use.with(inode));
          }
          if (inodes.syncs().apply(inode)) {
            journal.commit();
          }
          return result;
        });
  }

  /** The inode of a name, referred to, or null. */
  @Nullable LiveInode find(LiveInode parent, byte[] name) throws IOException {
    Waiting.lock(parent.namesLock().readLock());
    try {
      if (parent.inode().linksCount() == 0) {
        return null;
      }
      long inodeNr = new DirectoryLookup(reader, parent.view()).find(name);
      // While the names are locked it cannot be unlinked and go.
      return inodeNr == 0 ? null : inodes.acquire(inodeNr);
    } finally {
      parent.namesLock().readLock().unlock();
    }
  }

  /** What stat tells of an inode that the front has looked up; the caller's reference ends. */
  InodeAttributes handOver(LiveInode inode) {
    InodeAttributes attributes = attributes(inode);
    inodes.residents().handOver(inode);
    return attributes;
  }

  /** What stat tells, with what is not stored yet. */
  InodeAttributes attributes(LiveInode inode) {
    long stamp = inode.fieldLock().readLock();
    try {
      InodeAttributes stored = InodeAttributes.of(inode.view(), blockSizeBytes);
      RegularFile file = inode.file();
      InodeAttributes known = file == null ? stored : file.withUnstored(stored);
      Instant read = inode.unstoredAccess();
      return read == null ? known : known.withAccessTime(inode.block().asStored(read));
    } finally {
      inode.fieldLock().unlockRead(stamp);
    }
  }

  String describe(long inodeNr) {
    return "inode " + inodeNr + " of " + reader.name();
  }
}
