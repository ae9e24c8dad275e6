package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataCache;

/**
 * What a cached block is taken for, and whose it is, in one word. No two uses that are verified by
 * different rules have the same one.
 */
final class BlockRole {
  /** A block that is read as it is. */
  static final long NONE = MetadataCache.NO_ROLE;

  private static final long EXTENT_NODE = 1;
  private static final long DIRECTORY = 2;
  private static final long ATTRIBUTES = 3;
  private static final long BLOCK_MAP = 4;
  private static final long BITMAP = 5;
  private static final long INODE_BITMAP = 6;
  private static final long SYMLINK = 7;
  private static final long ORPHANS = 8;
  private static final long QUOTA = 9;

  private static final int KIND_SHIFT = 60;
  private static final int OWNER_SHIFT = 8;

  private BlockRole() {}

  static long extentNode(long inodeNr, int depth) {
    return of(EXTENT_NODE, inodeNr) | depth;
  }

  /** A block of a directory; its first block has rules of its own. */
  static long directory(long inodeNr, boolean first) {
    return of(DIRECTORY, inodeNr) | (first ? 1 : 0);
  }

  static long attributes() {
    return of(ATTRIBUTES, 0);
  }

  /** Whose blocks may be named depends on the inode. */
  static long blockMap(long inodeNr) {
    return of(BLOCK_MAP, inodeNr);
  }

  static long bitmap(long groupNr) {
    return of(BITMAP, groupNr);
  }

  static long inodeBitmap(long groupNr) {
    return of(INODE_BITMAP, groupNr);
  }

  /** The target of a symbolic link. */
  static long symlink(long inodeNr) {
    return of(SYMLINK, inodeNr);
  }

  /** A block of the orphan file. */
  static long orphans() {
    return of(ORPHANS, 0);
  }

  /** A block of a quota file. */
  static long quota() {
    return of(QUOTA, 0);
  }

  private static long of(long kind, long owner) {
    return kind << KIND_SHIFT | owner << OWNER_SHIFT;
  }
}
