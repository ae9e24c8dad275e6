package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** Removes names. A file without names is deleted with its last reference. */
final class NameRemoval {
  /** A leaf, two inodes, the superblock, a neighbour among the orphans. */
  private static final int CREDITS = 12;

  private final ChangeContext context;

  NameRemoval(ChangeContext context) {
    this.context = context;
  }

  void unlink(LiveInode parent, byte[] name) throws IOException {
    LiveInode victim;
    parent.namesLock().writeLock().lock();
    try {
      DirectoryEditor editor = context.editor(parent);
      DirectorySlot slot = require(parent, editor, name);
      victim = context.inodes().acquire(slot.inodeNr());
      try {
        if (victim.isDirectory()) {
          throw new Ext4Exception("unlinking", Errno.EISDIR, "it is a directory");
        }
        context.requireRemovable(parent, victim);
        InodeRemoval.requireRoom(context, victim);
        DirectorySlot place = context.makeEditable(parent) ? require(parent, editor, name) : slot;
        try (Handle handle = context.start(CREDITS)) {
          editor.remove(handle, place);
          context.touchDirectory(handle, parent, i -> {});
          dropLink(handle, victim);
        }
      } catch (IOException e) {
        context.inodes().release(victim);
        throw e;
      }
    } finally {
      parent.namesLock().writeLock().unlock();
    }
    context.inodes().release(victim);
  }

  void removeDirectory(LiveInode parent, byte[] name) throws IOException {
    if (name.length == 1 && name[0] == '.') {
      throw new Ext4Exception("removing a directory", Errno.EINVAL, "it is \".\"");
    }
    LiveInode victim;
    parent.namesLock().writeLock().lock();
    try {
      DirectoryEditor editor = context.editor(parent);
      DirectorySlot slot = require(parent, editor, name);
      victim = context.inodes().acquire(slot.inodeNr());
      try {
        removeDirectory(parent, name, editor, slot, victim);
      } catch (IOException e) {
        context.inodes().release(victim);
        throw e;
      }
    } finally {
      parent.namesLock().writeLock().unlock();
    }
    context.inodes().release(victim);
  }

  /** One name less of what is no directory. */
  void dropLink(Handle handle, LiveInode victim) throws IOException {
    context.touch(handle, victim, i -> i.linksCount(Math.max(0, i.linksCount() - 1)));
    context.orphans().addNameless(handle, victim);
  }

  /** An empty directory loses its name; its names are locked. */
  void dropDirectory(Handle handle, LiveInode victim) throws IOException {
    context.touch(
        handle,
        victim,
        i -> {
          i.linksCount(0);
          i.size(0);
        });
    context.orphans().add(handle, victim);
  }

  private void removeDirectory(
      LiveInode parent, byte[] name, DirectoryEditor editor, DirectorySlot slot, LiveInode victim)
      throws IOException {
    if (!victim.isDirectory()) {
      throw new Ext4Exception("removing a directory", Errno.ENOTDIR, "it is none");
    }
    if (isDots(editor, slot, victim, parent)) {
      throw new Ext4Exception("removing a directory", Errno.ENOTEMPTY, "it is \"..\"");
    }
    context.requireRemovable(parent, victim);
    InodeRemoval.requireRoom(context, victim);
    DirectorySlot place = context.makeEditable(parent) ? require(parent, editor, name) : slot;
    victim.namesLock().writeLock().lock();
    try {
      if (!context.editor(victim).isEmpty()) {
        throw new Ext4Exception("removing a directory", Errno.ENOTEMPTY, "");
      }
      try (Handle handle = context.start(CREDITS)) {
        editor.remove(handle, place);
        context.touchDirectory(handle, parent, DirectoryLinks::decrement);
        dropDirectory(handle, victim);
      }
    } finally {
      victim.namesLock().writeLock().unlock();
    }
  }

  private static boolean isDots(
      DirectoryEditor editor, DirectorySlot slot, LiveInode victim, LiveInode parent)
      throws IOException {
    DirectorySlot dots = editor.find(DirectoryLookup.DOT_DOT);
    return victim == parent || (dots != null && dots.equals(slot));
  }

  private DirectorySlot require(LiveInode parent, DirectoryEditor editor, byte[] name)
      throws IOException {
    NameCreation.requireName(name);
    if (!parent.isDirectory()) {
      throw new Ext4Exception("removing a name", Errno.ENOTDIR, "");
    }
    editor.requireEditable();
    DirectorySlot slot = parent.inode().linksCount() == 0 ? null : editor.find(name);
    if (slot == null) {
      throw new Ext4Exception("removing a name", Errno.ENOENT, FileName.decode(name));
    }
    return slot;
  }
}
