package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.Ext4Inode;

/**
 * Node ids are inode numbers. Only the root differs, which FUSE always calls 1; inode 1 holds bad
 * blocks and has no name.
 */
final class Nodes {
  private static final long ROOT = 1;

  private Nodes() {}

  static long inodeNr(long nodeId) {
    return nodeId == ROOT ? Ext4Inode.ROOT_NR : nodeId;
  }

  static long nodeId(long inodeNr) {
    return inodeNr == Ext4Inode.ROOT_NR ? ROOT : inodeNr;
  }
}
