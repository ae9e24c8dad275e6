package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Renames and exchanges names, each in one handle.
 *
 * <p>Only one rename between directories goes on at a time. So directories keep their places in the
 * tree while it looks who is above whom; it locks the upper parent first, then the other, then what
 * is in them, as everybody locks downwards.
 */
final class Rename {
  /** Two leaves, a split at each level of an index, four inodes, the orphans' neighbours. */
  private static final int CREDITS = 80;

  private final ChangeContext context;
  private final NameRemoval removal;
  private final InodeCreation creation;

  /** Held by a rename between directories, before any lock of names. */
  private final ReentrantLock crossing = new ReentrantLock();

  Rename(ChangeContext context, NameRemoval removal) {
    this.context = context;
    this.removal = removal;
    creation = new InodeCreation(context);
  }

  void rename(LiveInode from, byte[] name, LiveInode to, byte[] newName, int flags)
      throws IOException {
    NameCreation.requireName(name);
    NameCreation.requireName(newName);
    requireFlags(flags);
    if (isDots(name) || isDots(newName)) {
      throw failure(Errno.EBUSY, "\".\" and \"..\" stay");
    }
    if (!from.isDirectory() || !to.isDirectory()) {
      throw failure(Errno.ENOTDIR, "");
    }
    Operation operation = new Operation(from, name, to, newName, flags);
    try {
      if (from == to) {
        operation.lockedParents(from, null);
      } else {
        crossing.lock();
        try {
          operation.aboveFrom = above(from);
          operation.aboveTo = above(to);
          boolean fromAbove = operation.aboveTo.contains(from.inodeNr());
          operation.lockedParents(fromAbove ? from : to, fromAbove ? to : from);
        } finally {
          crossing.unlock();
        }
      }
    } finally {
      operation.release();
    }
  }

  /**
   * A directory and all above it. They stay above it: only what is empty goes, and nothing moves.
   * No lock of names may be held, as this goes upwards.
   */
  private Set<Long> above(LiveInode directory) throws IOException {
    Set<Long> above = new HashSet<>();
    long at = directory.inodeNr();
    while (at != 0 && above.add(at) && at != Ext4Inode.ROOT_NR) {
      at = parentOf(at);
    }
    return above;
  }

  private long parentOf(long inodeNr) throws IOException {
    LiveInode directory = context.inodes().acquire(inodeNr);
    directory.namesLock().readLock().lock();
    try {
      if (directory.inode().linksCount() == 0) {
        return 0;
      }
      DirectorySlot dots = context.editor(directory).find(DirectoryLookup.DOT_DOT);
      return dots == null ? 0 : dots.inodeNr();
    } finally {
      directory.namesLock().readLock().unlock();
      context.inodes().release(directory);
    }
  }

  private static void requireFlags(int flags) throws Ext4Exception {
    int known =
        Ext4Namespace.RENAME_NOREPLACE
            | Ext4Namespace.RENAME_EXCHANGE
            | Ext4Namespace.RENAME_WHITEOUT;
    boolean exchange = (flags & Ext4Namespace.RENAME_EXCHANGE) != 0;
    if ((flags & ~known) != 0 || (exchange && flags != Ext4Namespace.RENAME_EXCHANGE)) {
      throw failure(Errno.EINVAL, "flags " + flags);
    }
  }

  private static boolean isDots(byte[] name) {
    return Arrays.equals(name, DirectoryLookup.DOT) || Arrays.equals(name, DirectoryLookup.DOT_DOT);
  }

  private static Ext4Exception failure(int errno, String detail) {
    return new Ext4Exception("renaming", errno, detail);
  }

  /** One rename: what it works on. */
  private final class Operation {
    private final LiveInode from;
    private final byte[] name;
    private final LiveInode to;
    private final byte[] newName;
    private final int flags;
    private final boolean crosses;

    /** Where the names go between directories, the parents and what is above them. */
    private Set<Long> aboveFrom = Set.of();

    private Set<Long> aboveTo = Set.of();
    private @Nullable LiveInode source;
    private @Nullable LiveInode target;

    Operation(LiveInode from, byte[] name, LiveInode to, byte[] newName, int flags) {
      this.from = from;
      this.name = name;
      this.to = to;
      this.newName = newName;
      this.flags = flags;
      crosses = from != to;
    }

    void lockedParents(LiveInode first, @Nullable LiveInode second) throws IOException {
      first.namesLock().writeLock().lock();
      try {
        if (second != null) {
          second.namesLock().writeLock().lock();
        }
        try {
          run();
        } finally {
          if (second != null) {
            second.namesLock().writeLock().unlock();
          }
        }
      } finally {
        first.namesLock().writeLock().unlock();
      }
    }

    void release() throws IOException {
      LiveInode renamed = source;
      if (renamed != null) {
        context.inodes().release(renamed);
      }
      LiveInode replaced = target;
      if (replaced != null) {
        context.inodes().release(replaced);
      }
    }

    private void run() throws IOException {
      DirectoryEditor source = context.editor(from);
      DirectoryEditor target = context.editor(to);
      source.requireEditable();
      target.requireEditable();
      DirectorySlot old = from.inode().linksCount() == 0 ? null : source.find(name);
      if (old == null) {
        throw failure(Errno.ENOENT, FileName.decode(name));
      }
      if (to.inode().linksCount() == 0) {
        throw failure(Errno.ENOENT, "the new parent was removed");
      }
      DirectorySlot present = target.find(newName);
      LiveInode moved = context.inodes().acquire(old.inodeNr());
      this.source = moved;
      LiveInode replaced = present == null ? null : context.inodes().acquire(present.inodeNr());
      this.target = replaced;
      requirePossible(moved, replaced);
      if (moved == replaced) {
        return;
      }
      boolean fromMoved = context.makeEditable(from);
      boolean elsewhere = context.makeEditable(to) || fromMoved;
      if (replaced == null) {
        target.requireComparable(newName);
      }
      lockChildren(
          moved,
          replaced,
          elsewhere ? Objects.requireNonNull(source.find(name)) : old,
          elsewhere ? target.find(newName) : present);
    }

    private boolean has(int flag) {
      return (flags & flag) != 0;
    }

    private void requirePossible(LiveInode moved, @Nullable LiveInode replaced) throws IOException {
      boolean exchange = has(Ext4Namespace.RENAME_EXCHANGE);
      if (replaced != null && has(Ext4Namespace.RENAME_NOREPLACE)) {
        throw failure(Errno.EEXIST, FileName.decode(newName));
      }
      if (replaced == null && exchange) {
        throw failure(Errno.ENOENT, FileName.decode(newName));
      }
      if (aboveTo.contains(moved.inodeNr())) {
        throw failure(Errno.EINVAL, "a directory cannot go into itself");
      }
      if (replaced != null && aboveFrom.contains(replaced.inodeNr())) {
        throw failure(exchange ? Errno.EINVAL : Errno.ENOTEMPTY, "it holds what is renamed");
      }
      context.requireProject(to, moved);
      if (replaced != null && exchange) {
        context.requireProject(from, replaced);
      }
      context.requireRemovable(from, moved);
      if (replaced == null) {
        context.requireAdditions(to);
        requireRoomFor(moved);
        return;
      }
      context.requireRemovable(to, replaced);
      if (!exchange && moved != replaced) {
        InodeRemoval.requireRoom(context, replaced);
        requireSameKind(moved, replaced);
      }
    }

    private void requireSameKind(LiveInode moved, LiveInode replaced) throws Ext4Exception {
      if (moved.isDirectory() && !replaced.isDirectory()) {
        throw failure(Errno.ENOTDIR, "a directory cannot replace what is none");
      }
      if (!moved.isDirectory() && replaced.isDirectory()) {
        throw failure(Errno.EISDIR, "only a directory can replace one");
      }
    }

    private void requireRoomFor(LiveInode moved) throws Ext4Exception {
      if (crosses && moved.isDirectory() && DirectoryLinks.isFull(to.inode(), context.reader())) {
        throw failure(Errno.EMLINK, "the new parent has too many directories");
      }
    }

    private void lockChildren(
        LiveInode moved,
        @Nullable LiveInode replaced,
        DirectorySlot old,
        @Nullable DirectorySlot present)
        throws IOException {
      moved.namesLock().writeLock().lock();
      try {
        if (replaced == null || present == null) {
          moveTo(moved, old);
          return;
        }
        replaced.namesLock().writeLock().lock();
        try {
          if (has(Ext4Namespace.RENAME_EXCHANGE)) {
            exchange(moved, replaced, old, present);
          } else {
            replace(moved, replaced, old, present);
          }
        } finally {
          replaced.namesLock().writeLock().unlock();
        }
      } finally {
        moved.namesLock().writeLock().unlock();
      }
    }

    private void moveTo(LiveInode moved, DirectorySlot old) throws IOException {
      try (Handle handle = context.start(CREDITS)) {
        LiveInode whiteout = makeWhiteout(handle);
        try {
          context.editor(to).insert(handle, newName, moved.inodeNr(), moved.kind());
        } catch (IOException e) {
          undo(handle, whiteout);
          throw e;
        }
        // The new name may have moved the old one to another place.
        DirectorySlot now = crosses ? old : context.editor(from).find(name);
        leave(handle, now == null ? old : now, whiteout);
        arrive(handle, moved, null);
        keep(whiteout);
      }
    }

    private void replace(
        LiveInode moved, LiveInode replaced, DirectorySlot old, DirectorySlot present)
        throws IOException {
      if (replaced.isDirectory() && !context.editor(replaced).isEmpty()) {
        throw failure(Errno.ENOTEMPTY, FileName.decode(newName));
      }
      try (Handle handle = context.start(CREDITS)) {
        LiveInode whiteout = makeWhiteout(handle);
        context.editor(to).replace(handle, present, moved.inodeNr(), moved.kind());
        leave(handle, old, whiteout);
        arrive(handle, moved, replaced);
        if (replaced.isDirectory()) {
          removal.dropDirectory(handle, replaced);
        } else {
          removal.dropLink(handle, replaced);
        }
        keep(whiteout);
      }
    }

    private @Nullable LiveInode makeWhiteout(Handle handle) throws IOException {
      if (!has(Ext4Namespace.RENAME_WHITEOUT)) {
        return null;
      }
      return creation.make(handle, from, NewInode.of(FileKind.CHARACTER_DEVICE, 0, 0, 0), 1);
    }

    private void undo(Handle handle, @Nullable LiveInode whiteout) throws IOException {
      if (whiteout != null) {
        creation.undo(handle, whiteout);
      }
    }

    private void keep(@Nullable LiveInode whiteout) throws IOException {
      if (whiteout != null) {
        context.inodes().release(whiteout);
      }
    }

    /** The old name goes, or names a whiteout. */
    private void leave(Handle handle, DirectorySlot old, @Nullable LiveInode whiteout)
        throws IOException {
      if (whiteout == null) {
        context.editor(from).remove(handle, old);
      } else {
        context.editor(from).replace(handle, old, whiteout.inodeNr(), whiteout.kind());
      }
    }

    /** Times, link counts and ".." of what was renamed. */
    private void arrive(Handle handle, LiveInode moved, @Nullable LiveInode replaced)
        throws IOException {
      boolean directory = moved.isDirectory();
      boolean removes = replaced != null && replaced.isDirectory();
      context.touch(handle, moved, i -> {});
      if (directory && crosses) {
        context.editor(moved).parent(handle, to.inodeNr());
      }
      context.touchDirectory(
          handle,
          from,
          i -> {
            if ((directory && crosses) || (removes && !crosses)) {
              DirectoryLinks.decrement(i);
            }
          });
      if (crosses) {
        context.touchDirectory(
            handle,
            to,
            i -> {
              if (directory && !removes) {
                DirectoryLinks.increment(i);
              }
            });
      }
    }

    private void exchange(
        LiveInode moved, LiveInode other, DirectorySlot old, DirectorySlot present)
        throws IOException {
      try (Handle handle = context.start(CREDITS)) {
        context.editor(to).replace(handle, present, moved.inodeNr(), moved.kind());
        context.editor(from).replace(handle, old, other.inodeNr(), other.kind());
        context.touch(handle, moved, i -> {});
        context.touch(handle, other, i -> {});
        if (crosses && moved.isDirectory()) {
          context.editor(moved).parent(handle, to.inodeNr());
        }
        if (crosses && other.isDirectory()) {
          context.editor(other).parent(handle, from.inodeNr());
        }
        int change = crosses ? (moved.isDirectory() ? 1 : 0) - (other.isDirectory() ? 1 : 0) : 0;
        context.touchDirectory(handle, from, i -> DirectoryLinks.add(i, -change));
        if (crosses) {
          context.touchDirectory(handle, to, i -> DirectoryLinks.add(i, change));
        }
      }
    }
  }
}
