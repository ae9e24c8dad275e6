package dev.dioring.ext4lite.fs;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Renames and exchanges names, each in one handle.
 *
 * <p>Only one rename between directories goes on at a time. So directories keep their places in the
 * tree while it looks who is above whom; it locks the upper parent first, then the other, then what
 * is in them, as everybody locks downwards.
 */
final class Rename {
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
    RenameRequest request = new RenameRequest(from, name, to, newName, flags);
    RenameOperation operation = new RenameOperation(context, removal, creation, request);
    try {
      if (request.crosses()) {
        cross(request, operation);
      } else {
        RenameRules rules = new RenameRules(context, request, Set.of(), Set.of());
        locked(from, () -> operation.run(rules));
      }
    } finally {
      operation.release();
    }
  }

  private void cross(RenameRequest request, RenameOperation operation) throws IOException {
    crossing.lock();
    try {
      Set<Long> aboveFrom = above(request.from);
      Set<Long> aboveTo = above(request.to);
      RenameRules rules = new RenameRules(context, request, aboveFrom, aboveTo);
      boolean fromAbove = aboveTo.contains(request.from.inodeNr());
      LiveInode first = fromAbove ? request.from : request.to;
      LiveInode second = fromAbove ? request.to : request.from;
      locked(first, () -> locked(second, () -> operation.run(rules)));
    } finally {
      crossing.unlock();
    }
  }

  /** What is done with names that are locked. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  static void locked(LiveInode directory, Step step) throws IOException {
    directory.namesLock().writeLock().lock();
    try {
      step.run();
    } finally {
      directory.namesLock().writeLock().unlock();
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
}
