package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.Ext4Exception;

/**
 * Which extended attributes a mount has, by noacl and nouser_xattr.
 *
 * @param acl whether access lists are there
 * @param user whether attributes of users are there
 */
record XattrRules(boolean acl, boolean user) {
  boolean has(String name) {
    return (acl || !name.startsWith("system.posix_acl_")) && (user || !name.startsWith("user."));
  }

  /** Refuses what the mount does not have. @throws Ext4Exception EOPNOTSUPP */
  void require(String name) throws Ext4Exception {
    if (!has(name)) {
      throw new Ext4Exception("the attribute " + name, Errno.EOPNOTSUPP, "by a mount option");
    }
  }
}
