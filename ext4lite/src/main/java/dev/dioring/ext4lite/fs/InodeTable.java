package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.threads.Waiting;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Features;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds inodes in the tables on disk. */
final class InodeTable {
  private static final int READ_AHEAD_BLOCKS = 32;

  private final VolumeContext volume;
  private final BlockGroups groups;
  private final Features features;
  private final GroupBitmaps descriptors;

  /** Where the last block that was not in memory lay; a hint, so races on it do no harm. */
  private volatile long lastMissBlockNr = -1;

  InodeTable(VolumeContext volume, GroupBitmaps descriptors) {
    this.volume = volume;
    this.descriptors = descriptors;
    groups = volume.groups();
    features = volume.superblock().features();
  }

  /**
   * Where an inode in use lies, checked and pinned; the caller closes its buffer. An inode that
   * changes meanwhile may fail the check.
   */
  InodeBlock checked(long inodeNr) throws IOException {
    InodeBlock place = place(inodeNr);
    boolean good = false;
    try {
      InodeCheck.check(place.inode(), inodeNr, volume.dataBlocks(), features, volume.checksums());
      good = true;
      return place;
    } finally {
      if (!good) {
        place.buffer().close();
      }
    }
  }

  /** Where an inode lies on disk, pinned; the caller closes its buffer. */
  InodeBlock place(long inodeNr) throws IOException {
    require(inodeNr);
    MetadataBuffer buffer = block(inodeNr);
    Inode inode =
        new Inode(buffer.data(), groups.inodeByteOffset(inodeNr), groups.inodeSizeBytes());
    return new InodeBlock(buffer, inode, inodeNr, volume);
  }

  private void require(long inodeNr) throws CorruptStructureException, Ext4Exception {
    if (!groups.isInode(inodeNr)) {
      throw new Ext4Exception(
          "inode " + inodeNr, Errno.ENOENT, "the volume has inodes 1 to " + groups.inodesCount());
    }
    // A group whose table was never written has no inode in use.
    if (volume.checksums().groupsChecksummed()
        && descriptor(inodeNr).has(GroupDescriptor.FLAG_INODE_UNINIT)) {
      throw new CorruptStructureException(
          "inode " + inodeNr, "group of an inode in use", "initialised", "INODE_UNINIT");
    }
  }

  private GroupDescriptor descriptor(long inodeNr) {
    return descriptors.descriptor(groups.groupOfInode(inodeNr));
  }

  private MetadataBuffer block(long inodeNr) throws IOException {
    long table = descriptor(inodeNr).inodeTableBlockNr();
    long index = groups.inodeTableBlock(inodeNr);
    @Nullable MetadataBuffer cached = volume.cache().tryGet(table + index, BlockRole.NONE);
    if (cached != null) {
      return cached;
    }
    Waiting.begins();
    readAhead(table, index);
    return volume.cache().get(table + index);
  }

  /** Whoever walks a directory's inodes meets them nearly in order: read the next ones along. */
  private void readAhead(long table, long index) {
    long blockNr = table + index;
    long distance = blockNr - lastMissBlockNr;
    lastMissBlockNr = blockNr;
    if (distance > 0 && distance <= READ_AHEAD_BLOCKS) {
      long rest = groups.inodeTableBlocksCount() - index;
      int count = (int) Math.min(READ_AHEAD_BLOCKS, rest);
      volume.cache().prefetch(blockNr, count);
      lastMissBlockNr = blockNr + count - 1;
    }
  }
}
