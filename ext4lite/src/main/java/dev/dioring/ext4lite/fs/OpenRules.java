package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;

/** Which files can be opened for direct I/O, and which of them be written. */
final class OpenRules {
  private OpenRules() {}

  /**
   * Refuses what cannot be opened.
   *
   * @param readOnlyReason why nothing may be written on the volume, or empty
   * @param appends whether nothing but its end is written
   * @param what the operation, for messages
   */
  static void require(
      Ext4Inode file, boolean writable, boolean appends, String readOnlyReason, String what)
      throws Ext4Exception {
    if (file.isDirectory()) {
      throw new Ext4Exception(what, Errno.EISDIR, "");
    }
    if (file.kind() != FileKind.REGULAR) {
      throw new Ext4Exception(what, Errno.EINVAL, "it is not a regular file but a " + file.kind());
    }
    if (file.isEncrypted()) {
      throw new Ext4Exception(what, Errno.ENOKEY, "it is encrypted");
    }
    if (writable) {
      requireWritable(file.raw(), appends, readOnlyReason, what + " for writing");
    }
  }

  private static void requireWritable(
      Inode inode, boolean appends, String readOnlyReason, String what) throws Ext4Exception {
    if (!readOnlyReason.isEmpty()) {
      throw new Ext4Exception(what, Errno.EROFS, readOnlyReason);
    }
    if (inode.has(appends ? Inode.FLAG_IMMUTABLE : Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND)) {
      throw new Ext4Exception(what, Errno.EPERM, "it is immutable or append-only");
    }
    if (inode.has(Inode.FLAG_VERITY)) {
      throw new Ext4Exception(what, Errno.EPERM, "it is sealed (verity)");
    }
  }
}
