package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.Bitmap;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** The bitmaps of inodes and what group descriptors say of them. The bitmaps' lock guards it. */
final class InodeBitmaps {
  private static final int BITS = 8;

  private final VolumeContext volume;
  private final BlockGroups groups;
  private final GroupBitmaps descriptors;

  InodeBitmaps(VolumeContext volume, GroupBitmaps descriptors) {
    this.volume = volume;
    this.descriptors = descriptors;
    groups = volume.groups();
  }

  /** The bitmap of a group, pinned, verified or made. */
  MetadataBuffer get(Handle handle, long group) throws IOException {
    GroupDescriptor descriptor = descriptors.descriptor(group);
    long blockNr = descriptor.inodeBitmapBlockNr();
    if (isLazy() && descriptor.has(GroupDescriptor.FLAG_INODE_UNINIT)) {
      return initialise(handle, group, descriptor, blockNr);
    }
    MetadataBuffer bitmap =
        volume.cache().get(blockNr, BlockRole.inodeBitmap(group), b -> verify(b, group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    return bitmap;
  }

  /** The first clear bit at or behind {@code from}, or -1. */
  int findClear(MetadataBuffer bitmap, int from) {
    int end = (int) groups.inodesPerGroup();
    int found = Bitmap.nextClear(bitmap.data(), from, end);
    return found < end ? found : -1;
  }

  boolean isSet(MetadataBuffer bitmap, int index) {
    return Bitmap.isSet(bitmap.data(), index);
  }

  /**
   * Marks an inode as in use.
   *
   * @return how many inodes of the group had ever been in use: what lies behind them in the table
   *     may never have been written
   */
  long set(Handle handle, long group, MetadataBuffer bitmap, int index, boolean directory) {
    GroupDescriptor descriptor = descriptors.descriptor(group);
    handle.access(bitmap);
    descriptors.accessDescriptor(handle, group);
    Bitmap.set(bitmap.data(), index, index + 1);
    long everUsed = groups.inodesPerGroup();
    if (isLazy()) {
      everUsed -= descriptor.unusedInodesCount();
      if (index >= everUsed) {
        descriptor.unusedInodesCount(groups.inodesPerGroup() - index - 1);
      }
    }
    changed(handle, group, bitmap, -1, directory);
    return everUsed;
  }

  /** Marks an inode as free. */
  void clear(Handle handle, long group, MetadataBuffer bitmap, int index, boolean directory) {
    handle.access(bitmap);
    descriptors.accessDescriptor(handle, group);
    Bitmap.clear(bitmap.data(), index, index + 1);
    changed(handle, group, bitmap, 1, directory);
  }

  private void changed(
      Handle handle, long group, MetadataBuffer bitmap, int freed, boolean directory) {
    GroupDescriptor descriptor = descriptors.descriptor(group);
    descriptor.freeInodesCount(descriptor.freeInodesCount() + freed);
    if (directory) {
      descriptor.usedDirectoriesCount(descriptor.usedDirectoriesCount() - freed);
    }
    store(handle, group, descriptor, bitmap);
  }

  private void store(Handle handle, long group, GroupDescriptor descriptor, MetadataBuffer bitmap) {
    if (volume.checksums().enabled()) {
      descriptor.inodeBitmapChecksum(checksum(bitmap));
    }
    handle.dirty(bitmap);
    descriptors.descriptorChanged(handle, group);
  }

  /** Whether tables and bitmaps that were never in use need not have been written. */
  private boolean isLazy() {
    return volume.checksums().groupsChecksummed();
  }

  private int checksum(MetadataBuffer bitmap) {
    return volume.checksums().ofBitmap(bitmap.data(), 0, groups.inodesPerGroup() / BITS);
  }

  private void verify(MetadataBuffer bitmap, long group) throws CorruptStructureException {
    if (!volume.checksums().enabled()) {
      return;
    }
    GroupDescriptor descriptor = descriptors.descriptor(group);
    int mask = descriptor.bitmapChecksumMask();
    int computed = checksum(bitmap) & mask;
    int stored = descriptor.inodeBitmapChecksum() & mask;
    if (computed != stored) {
      throw CorruptStructureException.checksum(
          "inode bitmap of group " + group + " in block " + bitmap.blockNr(), computed, stored);
    }
  }

  /** No inode of the group was ever in use; the bits behind the group's are set. */
  private MetadataBuffer initialise(
      Handle handle, long group, GroupDescriptor descriptor, long blockNr) throws IOException {
    // A group with inodes in use is taken to have a block bitmap as well.
    descriptors.get(handle, group).close();
    MetadataBuffer bitmap = volume.cache().create(blockNr, BlockRole.inodeBitmap(group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    long used = groups.inodesPerGroup() / BITS;
    handle.access(bitmap);
    bitmap.data().asSlice(used).fill((byte) -1);
    descriptors.accessDescriptor(handle, group);
    descriptor.flags(descriptor.flags() & ~GroupDescriptor.FLAG_INODE_UNINIT);
    store(handle, group, descriptor, bitmap);
    return bitmap;
  }
}
