package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.FileXflags;
import dev.dioring.ext4lite.format.Inode;

/** The flags of all filesystems that FS_IOC_FSGETXATTR knows, and those of ext4 for them. */
enum Xflags {
  IMMUTABLE(FileXflags.IMMUTABLE, Inode.FLAG_IMMUTABLE),
  APPEND(FileXflags.APPEND, Inode.FLAG_APPEND),
  SYNC(FileXflags.SYNC, Inode.FLAG_SYNC),
  NOATIME(FileXflags.NOATIME, Inode.FLAG_NOATIME),
  NODUMP(FileXflags.NODUMP, Inode.FLAG_NODUMP),
  PROJINHERIT(FileXflags.PROJINHERIT, Inode.FLAG_PROJINHERIT);

  private final int common;
  private final int own;

  Xflags(int common, int own) {
    this.common = common;
    this.own = own;
  }

  /** What a file's i_flags are for all filesystems. */
  static int common(int flags) {
    int result = 0;
    for (Xflags one : values()) {
      result |= (flags & one.own) != 0 ? one.common : 0;
    }
    return result;
  }

  /** A file's i_flags with these for what they stand for; ext4 ignores the others. */
  static int own(int flags, int xflags) {
    int result = flags;
    for (Xflags one : values()) {
      result = (xflags & one.common) != 0 ? result | one.own : result & ~one.own;
    }
    return result;
  }
}
