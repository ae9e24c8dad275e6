package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/**
 * Changes of where the blocks of one inode lie. The caller holds the lock of its fields for writing
 * and a journal handle.
 */
interface MapWriter {
  /** Blocks that one call below may change, the inode among them. */
  int changeCredits();

  /**
   * Makes the start of a range, which was allocated for a write that has ended, readable.
   *
   * @return first block of the file that is left to be done
   * @throws IOException if a node cannot be read, the range starts with a hole, or no block is left
   *     for a new node
   */
  long convert(Handle handle, long fileBlockNr, long endFileBlockNr) throws IOException;

  /**
   * Maps blocks where there is a hole.
   *
   * @param unwritten whether they read as zeroes; only extents know such blocks
   * @throws IOException if a node cannot be read or no block is left for a new node
   */
  void insert(
      Handle handle, long fileBlockNr, int lengthBlocks, long startBlockNr, boolean unwritten)
      throws IOException;

  /**
   * Makes a hole of the first run of blocks, or part of one, in a range, and frees its blocks.
   *
   * @return where to go on, at or behind {@code end} when all is done
   */
  long remove(Handle handle, long from, long end) throws IOException;

  /** The writer for an inode by its flags. */
  static MapWriter of(
      VolumeContext volume, InodeBlock owner, ExtentTree tree, BlockAllocator allocator) {
    return owner.inode().has(Inode.FLAG_EXTENTS)
        ? new ExtentWriter(volume, owner, tree, allocator)
        : new IndirectWriter(volume, owner, allocator, new BlockClaims());
  }
}
