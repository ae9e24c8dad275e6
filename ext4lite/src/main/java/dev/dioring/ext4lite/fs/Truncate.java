package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/**
 * Gives back the blocks of an inode behind some file block, in as many changes as it takes. A crash
 * in between leaves blocks behind the end: the caller keeps the inode in the list of orphans, or
 * cuts it again.
 */
final class Truncate {
  /** Path, inode; bitmaps and descriptors of the groups one extent, or eight runs, may touch. */
  static final int CREDITS = 48;

  private final VolumeContext volume;
  private final ExtentTree tree;
  private final TruncateStep step;

  /**
   * Makes a truncate.
   *
   * @param tree the inode's, whose lock guards a block map as well
   */
  Truncate(VolumeContext volume, InodeBlock owner, ExtentTree tree, BlockAllocator allocator) {
    this.volume = volume;
    this.tree = tree;
    BlockRelease release = new BlockRelease(allocator, owner);
    step =
        owner.inode().has(Inode.FLAG_EXTENTS)
            ? new ExtentTruncate(owner, tree, new SharedClusters(volume.groups(), tree), release)
            : new IndirectTruncate(volume, owner, release);
  }

  /** Whether an inode's i_block leads to blocks at all. */
  static boolean hasBlocks(Inode inode) {
    FileKind kind = inode.kind();
    boolean mapped =
        kind == FileKind.REGULAR || kind == FileKind.DIRECTORY || kind == FileKind.SYMLINK;
    return mapped && !inode.has(Inode.FLAG_INLINE_DATA) && !InodeCheck.isFastSymlink(inode);
  }

  /** Keeps the first file blocks only. The caller holds no lock of the inode's fields. */
  void run(long keepFileBlocks) throws IOException {
    boolean more = true;
    while (more) {
      try (Handle handle = volume.journal().start(CREDITS)) {
        long stamp = tree.lock().writeLock();
        try {
          more = step.cut(handle, keepFileBlocks);
        } finally {
          tree.lock().unlockWrite(stamp);
        }
      }
    }
  }
}
