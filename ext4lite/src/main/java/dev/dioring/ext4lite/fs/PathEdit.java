package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;

/** Announces and stores changes of the nodes on a path, the first of which lies in the inode. */
final class PathEdit {
  private final InodeBlock owner;
  private final ExtentPath path;

  PathEdit(InodeBlock owner, ExtentPath path) {
    this.owner = owner;
    this.path = path;
  }

  ExtentPath path() {
    return path;
  }

  /** A node is about to be changed. */
  void access(Handle handle, int level) {
    handle.access(level == 0 ? owner.buffer() : path.buffer(level));
  }

  /** It has been. */
  void changed(Handle handle, int level) {
    if (level == 0) {
      owner.changed(handle);
    } else {
      path.buffer(level).changedMapping();
      handle.dirty(path.buffer(level));
    }
  }

  /** An index entry starts where the first entry below it does. */
  void raiseKeys(Handle handle, int from) {
    long key = ExtentNode.fileBlockNr(path.node(from), path.base(from), 0);
    for (int level = from - 1; level >= 0; level--) {
      int index = path.index(level);
      access(handle, level);
      ExtentNode.fileBlockNr(path.node(level), path.base(level), index, key);
      changed(handle, level);
      if (index > 0) {
        return;
      }
    }
  }

  /** An index entry must not start behind the first entry below it. */
  void lowerKeys(Handle handle, int leaf, long fileBlockNr) {
    for (int level = leaf - 1; level >= 0; level--) {
      int index = path.index(level);
      if (ExtentNode.fileBlockNr(path.node(level), path.base(level), index) <= fileBlockNr) {
        return;
      }
      access(handle, level);
      ExtentNode.fileBlockNr(path.node(level), path.base(level), index, fileBlockNr);
      changed(handle, level);
    }
  }
}
