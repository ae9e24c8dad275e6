package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;

/**
 * An inode on disk and the buffer it lies in, pinned while an inode is in use. Fields are guarded
 * by the inode's own lock; the neighbours in the block belong to other inodes.
 */
record InodeBlock(MetadataBuffer buffer, Inode inode, long inodeNr, VolumeContext volume) {
  /** Stores the checksum and marks the block as changed, after a change of the inode. */
  void changed(Handle handle) {
    inode.updateChecksum(volume.checksums(), inodeNr);
    handle.dirty(buffer);
  }
}
