package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes files and gives them names. Each operation is one handle, and changes nothing if it fails.
 */
final class NameCreation {
  /** Inode, its bitmap and descriptor; a split at each level of the index with an extent each. */
  private static final int CREDITS = 64;

  private final ChangeContext context;
  private final InodeCreation creation;
  private final XattrChanges attributes;

  NameCreation(ChangeContext context) {
    this.context = context;
    creation = new InodeCreation(context);
    attributes = new XattrChanges(context);
  }

  /** Makes a file of any kind but a directory. @return it, referred to */
  LiveInode make(LiveInode parent, byte[] name, NewInode spec) throws IOException {
    return make(parent, name, spec, new byte[0]);
  }

  LiveInode makeSymlink(LiveInode parent, byte[] name, NewInode spec, byte[] target)
      throws IOException {
    int room = context.reader().context().groups().blockSizeBytes();
    if (target.length == 0) {
      throw new Ext4Exception("making a symbolic link", Errno.ENOENT, "its target is empty");
    }
    if (target.length >= room) {
      throw new Ext4Exception(
          "making a symbolic link", Errno.ENAMETOOLONG, "there is room for " + (room - 1));
    }
    return make(parent, name, spec.withKind(FileKind.SYMLINK), target);
  }

  /** Makes a file without a name, which goes with its last reference. */
  LiveInode makeUnnamed(LiveInode parent, NewInode spec) throws IOException {
    // Its access list must be the one by which its mode was made.
    parent.namesLock().readLock().lock();
    try {
      context.requireAdditions(parent);
      try (Handle handle = context.start(CREDITS)) {
        LiveInode made = creation.make(handle, parent, spec, 0);
        try {
          attributes.inherit(handle, parent, made);
          context.orphans().add(handle, made);
        } catch (IOException e) {
          attributes.releaseBlock(handle, made);
          creation.undo(handle, made);
          throw e;
        }
        return made;
      }
    } finally {
      parent.namesLock().readLock().unlock();
    }
  }

  LiveInode makeDirectory(LiveInode parent, byte[] name, NewInode spec) throws IOException {
    parent.namesLock().writeLock().lock();
    try {
      DirectoryEditor editor = requireNew(parent, name);
      if (DirectoryLinks.isFull(parent.inode(), context.reader())) {
        throw new Ext4Exception("making a directory", Errno.EMLINK, "its parent has too many");
      }
      try (Handle handle = context.start(CREDITS)) {
        LiveInode made = creation.make(handle, parent, spec.withKind(FileKind.DIRECTORY), 2);
        try {
          attributes.inherit(handle, parent, made);
          context.editor(made).makeFirstBlock(handle, parent.inodeNr());
          editor.insert(handle, name, made.inodeNr(), FileKind.DIRECTORY);
        } catch (IOException e) {
          new BlockReturn(context, made).run(handle);
          attributes.releaseBlock(handle, made);
          creation.undo(handle, made);
          throw e;
        }
        context.touchDirectory(handle, parent, DirectoryLinks::increment);
        return made;
      }
    } finally {
      parent.namesLock().writeLock().unlock();
    }
  }

  /** Gives an inode one more name. */
  void link(LiveInode inode, LiveInode parent, byte[] name) throws IOException {
    if (inode.isDirectory()) {
      throw new Ext4Exception("linking a directory", Errno.EPERM, "");
    }
    parent.namesLock().writeLock().lock();
    try {
      DirectoryEditor editor = requireNew(parent, name);
      context.requireProject(parent, inode);
      if (inode.inode().has(Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND)) {
        throw new Ext4Exception("linking", Errno.EPERM, "it is immutable or append-only");
      }
      if (inode.inode().linksCount() >= DirectoryLinks.MAX) {
        throw new Ext4Exception("linking", Errno.EMLINK, "it has too many names");
      }
      try (Handle handle = context.start(CREDITS)) {
        editor.insert(handle, name, inode.inodeNr(), inode.kind());
        AtomicBoolean first = new AtomicBoolean();
        context.touch(
            handle,
            inode,
            i -> {
              first.set(i.linksCount() == 0);
              i.linksCount(i.linksCount() + 1);
            });
        if (first.get()) {
          context.orphans().remove(handle, inode);
        }
        context.touchDirectory(handle, parent, i -> {});
      }
    } finally {
      parent.namesLock().writeLock().unlock();
    }
  }

  private LiveInode make(LiveInode parent, byte[] name, NewInode spec, byte[] target)
      throws IOException {
    parent.namesLock().writeLock().lock();
    try {
      DirectoryEditor editor = requireNew(parent, name);
      try (Handle handle = context.start(CREDITS)) {
        LiveInode made = creation.make(handle, parent, spec, 1);
        try {
          attributes.inherit(handle, parent, made);
          if (target.length > 0) {
            new SymlinkWriter(context, made).write(handle, target);
          }
          editor.insert(handle, name, made.inodeNr(), made.kind());
        } catch (IOException e) {
          new BlockReturn(context, made).run(handle);
          attributes.releaseBlock(handle, made);
          creation.undo(handle, made);
          throw e;
        }
        context.touchDirectory(handle, parent, i -> {});
        return made;
      }
    } finally {
      parent.namesLock().writeLock().unlock();
    }
  }

  private DirectoryEditor requireNew(LiveInode parent, byte[] name) throws IOException {
    requireName(name);
    context.requireAdditions(parent);
    DirectoryEditor editor = context.editor(parent);
    if (editor.find(name) != null) {
      throw new Ext4Exception(
          "adding a name to inode " + parent.inodeNr(), Errno.EEXIST, FileName.decode(name));
    }
    boolean unused = context.makeEditable(parent);
    editor.requireComparable(name);
    return editor;
  }

  static void requireName(byte[] name) throws Ext4Exception {
    if (name.length == 0) {
      throw new Ext4Exception("an empty name", Errno.ENOENT, "");
    }
    if (name.length > DirectoryEntry.NAME_MAX_BYTES) {
      throw new Ext4Exception(
          "a name of " + name.length + " bytes", Errno.ENAMETOOLONG, "255 are allowed");
    }
    for (byte b : name) {
      if (b == 0 || b == '/') {
        throw new Ext4Exception("a name", Errno.EINVAL, "it must have no NUL and no /");
      }
    }
  }
}
