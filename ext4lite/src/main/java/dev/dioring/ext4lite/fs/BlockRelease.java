package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** Gives back blocks of one inode, which the caller stores. */
final class BlockRelease {
  private final BlockAllocator allocator;
  private final InodeBlock owner;
  private final boolean dataIsLogged;

  BlockRelease(BlockAllocator allocator, InodeBlock owner) {
    this.allocator = allocator;
    this.owner = owner;
    Inode inode = owner.inode();
    dataIsLogged =
        inode.kind() != FileKind.REGULAR
            || inode.has(Inode.FLAG_JOURNAL_DATA)
            || inode.has(Inode.FLAG_EA_INODE);
  }

  /** Blocks of content, which are metadata to the journal in directories and symbolic links. */
  void data(Handle handle, long blockNr, int lengthBlocks) throws IOException {
    revoke(handle, blockNr, lengthBlocks);
    allocator.release(handle, blockNr, lengthBlocks);
    allocator.charge(handle, owner, -lengthBlocks);
  }

  /**
   * Blocks that the tree does not map any more: the clusters that they were alone in are freed. The
   * caller holds the tree's lock.
   */
  void unmapped(
      Handle handle, SharedClusters clusters, long fileBlockNr, long blockNr, int lengthBlocks)
      throws IOException {
    if (clusters.ratio() == 1) {
      data(handle, blockNr, lengthBlocks);
      return;
    }
    revoke(handle, blockNr, lengthBlocks);
    long start = clusters.floor(fileBlockNr);
    long end = clusters.ceiling(fileBlockNr + lengthBlocks);
    long shift = blockNr - fileBlockNr;
    long lastCluster = end - clusters.ratio();
    if (lastCluster > start && clusters.place(lastCluster) != 0) {
      end = lastCluster;
    }
    if (clusters.place(start) != 0) {
      start += clusters.ratio();
    }
    if (start < end) {
      allocator.release(handle, start + shift, (int) (end - start));
      allocator.charge(handle, owner, -(end - start) / clusters.ratio());
    }
  }

  /** A node of the tree or block map. */
  void metadata(Handle handle, long blockNr) throws IOException {
    allocator.releaseMetadata(handle, blockNr);
    allocator.charge(handle, owner, -1);
  }

  private void revoke(Handle handle, long blockNr, int lengthBlocks) {
    if (dataIsLogged) {
      for (long b = blockNr; b < blockNr + lengthBlocks; b++) {
        handle.revoke(b);
      }
    }
  }
}
