package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import java.util.Arrays;

/** What is to be renamed: a name in one directory to a name in the same one or another. */
final class RenameRequest {
  final LiveInode from;
  final byte[] name;
  final LiveInode to;
  final byte[] newName;
  private final int flags;

  /**
   * Checks what can be told without a look into the directories.
   *
   * @throws Ext4Exception EINVAL, EBUSY, ENOTDIR, ENOENT, ENAMETOOLONG
   */
  RenameRequest(LiveInode from, byte[] name, LiveInode to, byte[] newName, int flags)
      throws Ext4Exception {
    this.from = from;
    this.name = name;
    this.to = to;
    this.newName = newName;
    this.flags = flags;
    NameCreation.requireName(name);
    NameCreation.requireName(newName);
    requireFlags(flags);
    if (isDots(name) || isDots(newName)) {
      throw failure(Errno.EBUSY, "\".\" and \"..\" stay");
    }
    if (!from.isDirectory() || !to.isDirectory()) {
      throw failure(Errno.ENOTDIR, "");
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

  /** Whether it goes from one directory to another. */
  boolean crosses() {
    return from != to;
  }

  boolean exchanges() {
    return has(Ext4Namespace.RENAME_EXCHANGE);
  }

  boolean replacesNothing() {
    return has(Ext4Namespace.RENAME_NOREPLACE);
  }

  boolean leavesWhiteout() {
    return has(Ext4Namespace.RENAME_WHITEOUT);
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  private static boolean isDots(byte[] name) {
    return Arrays.equals(name, DirectoryLookup.DOT) || Arrays.equals(name, DirectoryLookup.DOT_DOT);
  }

  static Ext4Exception failure(int errno, String detail) {
    return new Ext4Exception("renaming", errno, detail);
  }
}
