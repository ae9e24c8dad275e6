package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.BlockVerifier;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.XattrCheck;
import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** Takes its block of extended attributes from an inode; several inodes may share one. */
final class AttributeRelease {
  private final VolumeContext volume;
  private final BlockAllocator allocator;

  AttributeRelease(VolumeContext volume, BlockAllocator allocator) {
    this.volume = volume;
    this.allocator = allocator;
  }

  /** Frees the block with its last user. The caller announced a change of the inode. */
  void run(Handle handle, InodeBlock owner) throws IOException {
    Inode inode = owner.inode();
    long blockNr = inode.attributeBlockNr();
    if (blockNr == 0) {
      return;
    }
    int blockSize = volume.groups().blockSizeBytes();
    BlockVerifier verifier =
        b ->
            XattrCheck.checkBlock(
                b.data(),
                b.blockNr(),
                blockSize,
                volume.superblock().features(),
                volume.checksums());
    try (MetadataBuffer block = volume.cache().get(blockNr, BlockRole.attributes(), verifier)) {
      long users = XattrEntry.blockReferences(block.data(), 0);
      if (users > 1) {
        handle.access(block);
        XattrEntry.blockReferences(block.data(), 0, users - 1);
        XattrEntry.updateBlockChecksum(block.data(), 0, blockSize, volume.checksums(), blockNr);
        handle.dirty(block);
      } else {
        allocator.releaseMetadata(handle, blockNr);
      }
    }
    inode.attributeBlockNr(0);
    allocator.charge(handle, owner, -1);
    owner.changed(handle);
  }
}
