package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What the parts of a mounted volume share.
 *
 * @param superblock the volume's superblock in memory, guarded by the allocator's lock
 * @param dataBlocks complete once the group descriptors are read
 */
record VolumeContext(
    Superblock superblock,
    BlockGroups groups,
    DataBlocks dataBlocks,
    MetadataChecksums checksums,
    MetadataCache cache,
    Journal journal) {

  /**
   * Puts the superblock as it is in memory into its block, after a change.
   *
   * @param lock guards it
   */
  void storeSuperblock(Handle handle, ReentrantLock lock, Consumer<Superblock> change)
      throws IOException {
    try (MetadataBuffer buffer = cache.get(groups.superblockBlockNr())) {
      handle.access(buffer);
      lock.lock();
      try {
        change.accept(superblock);
        superblock.updateChecksum();
        MemorySegment.copy(
            superblock.memory(),
            superblock.base(),
            buffer.data(),
            groups.superblockByteOffset(),
            Superblock.SIZE_BYTES);
      } finally {
        lock.unlock();
      }
      handle.dirty(buffer);
    }
  }
}
