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
    if (dataIsLogged) {
      for (long b = blockNr; b < blockNr + lengthBlocks; b++) {
        handle.revoke(b);
      }
    }
    allocator.release(handle, blockNr, lengthBlocks);
    allocator.charge(handle, owner, -lengthBlocks);
  }

  /** A node of the tree or block map. */
  void metadata(Handle handle, long blockNr) throws IOException {
    allocator.releaseMetadata(handle, blockNr);
    allocator.charge(handle, owner, -1);
  }
}
