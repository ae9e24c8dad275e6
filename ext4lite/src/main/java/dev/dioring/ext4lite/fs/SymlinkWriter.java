package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Stores where a new symbolic link points: in i_block if it is short, else in a block. */
final class SymlinkWriter {
  private final ChangeContext context;
  private final LiveInode link;

  SymlinkWriter(ChangeContext context, LiveInode link) {
    this.context = context;
    this.link = link;
  }

  void write(Handle handle, byte[] target) throws IOException {
    long stamp = link.fieldLock().writeLock();
    try {
      Inode inode = link.inode();
      handle.access(link.block().buffer());
      if (target.length < Inode.BLOCK_BYTES) {
        inode.block(target);
      } else {
        writeBlock(handle, inode, target);
      }
      inode.size(target.length);
      link.block().changed(handle);
    } finally {
      link.fieldLock().unlockWrite(stamp);
    }
  }

  private void writeBlock(Handle handle, Inode inode, byte[] target) throws IOException {
    if (context.reader().has(Feature.EXTENTS)) {
      inode.flags(inode.flags() | Inode.FLAG_EXTENTS);
      ExtentNode.header(
          inode.memory(),
          inode.byteOffset() + Inode.BLOCK_OFFSET,
          0,
          ExtentNode.ROOT_ENTRIES_MAX,
          0,
          0);
    }
    VolumeContext volume = context.reader().context();
    long blockNr = new BlockAppender(volume, context.blocks(), link).append(handle, 0);
    try (MetadataBuffer buffer =
        volume.cache().create(blockNr, BlockRole.symlink(link.inodeNr()))) {
      buffer.writeOrder(WriteOrder.UNREFERENCED);
      handle.access(buffer);
      MemorySegment.copy(MemorySegment.ofArray(target), 0, buffer.data(), 0, target.length);
      handle.dirty(buffer);
    }
  }
}
