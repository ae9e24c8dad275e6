package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;

/**
 * Which changes are durable before they end: those of a volume opened so, and of inodes with the
 * flags S, and D of directories, of chattr.
 */
final class SyncRules {
  private final boolean all;
  private final boolean directories;

  SyncRules(Behaviour behaviour) {
    all = behaviour.syncAll();
    directories = behaviour.syncDirectories();
  }

  /** Whether a change of an inode, or of the names in it, has to wait until it is durable. */
  boolean apply(LiveInode live) {
    Inode inode = live.inode();
    if (all || inode.has(Inode.FLAG_SYNC)) {
      return true;
    }
    return live.isDirectory() && (directories || inode.has(Inode.FLAG_DIRSYNC));
  }
}
