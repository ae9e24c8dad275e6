package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** Adds single blocks to directories and symbolic links. The caller holds the field lock. */
final class BlockAppender {
  private final VolumeContext volume;
  private final BlockAllocator allocator;
  private final LiveInode owner;

  BlockAppender(VolumeContext volume, BlockAllocator allocator, LiveInode owner) {
    this.volume = volume;
    this.allocator = allocator;
    this.owner = owner;
  }

  /**
   * Allocates a block and maps it, as written; the caller writes the inode.
   *
   * @return its number on the volume
   */
  long append(Handle handle, long fileBlockNr) throws IOException {
    InodeBlock block = owner.block();
    handle.access(block.buffer());
    SharedClusters clusters = new SharedClusters(volume.groups(), owner.tree());
    MapWriter writer = MapWriter.of(volume, block, owner.tree(), allocator);
    long given = clusters.place(fileBlockNr);
    if (given != 0) {
      writer.insert(handle, fileBlockNr, 1, given, false);
      return given;
    }
    allocator.requireQuota(block, 1);
    long blockNr = allocator.allocateOne(handle, goal(fileBlockNr)) + clusters.offset(fileBlockNr);
    try {
      writer.insert(handle, fileBlockNr, 1, blockNr, false);
    } catch (IOException e) {
      allocator.freeUnused(handle, blockNr, 1);
      throw e;
    }
    allocator.charge(handle, block, 1);
    return blockNr;
  }

  private long goal(long fileBlockNr) throws IOException {
    if (fileBlockNr > 0) {
      ExtentRun before = new ExtentRun();
      if (owner.inode().has(Inode.FLAG_EXTENTS)) {
        owner.tree().lookUpLocked(fileBlockNr - 1, before);
      } else {
        new IndirectMap(volume, owner.inode(), owner.inodeNr()).lookUp(fileBlockNr - 1, before);
      }
      if (before.state != ExtentRun.State.HOLE) {
        return before.startBlockNr + (fileBlockNr - before.fileBlockNr);
      }
    }
    return allocator.goalFor(owner.inodeNr());
  }
}
