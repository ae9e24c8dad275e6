package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.InlineDirectory;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.XattrName;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Moves the entries of a directory that lies in its inode into a block, so that they can change.
 */
final class InlineDirectoryMove {
  /** Inode, block, bitmap, descriptor; the attribute's block. */
  private static final int CREDITS = 12;

  private static final byte[] DATA = {'d', 'a', 't', 'a'};

  private final ChangeContext context;
  private final LiveInode directory;

  InlineDirectoryMove(ChangeContext context, LiveInode directory) {
    this.context = context;
    this.directory = directory;
  }

  /** Moves the entries; the names are locked for writing. */
  void run() throws IOException {
    MemorySegment entries = new InlineData(context.reader(), directory.view()).entries();
    long parentNr = InlineDirectory.parentInodeNr(directory.inode());
    try (Handle handle = context.start(CREDITS)) {
      long goal = context.blocks().goalFor(directory.inodeNr());
      long blockNr = context.blocks().allocateOne(handle, goal);
      long role = BlockRole.directory(directory.inodeNr(), true);
      try (MetadataBuffer block = context.reader().context().cache().create(blockNr, role)) {
        block.writeOrder(WriteOrder.UNREFERENCED);
        handle.access(block);
        context.editor(directory).fillFirstBlock(handle, block, parentNr, entries);
      }
      handle.access(directory.block().buffer());
      context.attributes().lock();
      long stamp = directory.fieldLock().writeLock();
      try {
        map(handle, blockNr);
      } finally {
        directory.fieldLock().unlockWrite(stamp);
        context.attributes().unlock();
      }
    }
  }

  private void map(Handle handle, long blockNr) throws IOException {
    Inode inode = directory.inode();
    new XattrStore(context, directory).set(handle, XattrName.SYSTEM, DATA, null);
    InlineFile.mapBlock(inode, context.reader().has(Feature.EXTENTS), blockNr);
    inode.size(context.reader().context().groups().blockSizeBytes());
    context.blocks().charge(handle, directory.block(), 1);
    directory.block().changed(handle);
  }
}
