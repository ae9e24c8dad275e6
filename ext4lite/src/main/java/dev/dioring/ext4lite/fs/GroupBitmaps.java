package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.Bitmap;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Features;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.GroupDescriptorCheck;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The block bitmaps and the group descriptors that count them. The allocator's lock guards all of
 * it. The descriptor blocks stay in memory while the volume is mounted.
 */
final class GroupBitmaps implements AutoCloseable {
  private static final int BITS = 8;

  private final VolumeContext volume;
  private final BlockGroups groups;
  private final MetadataBuffer[] descriptorBlocks;

  /**
   * Guards all bitmaps, of inodes too, descriptors and free counters. Last in rank but for the
   * journal's.
   */
  private final ReentrantLock lock = new ReentrantLock();

  /** What the descriptors add up to; guarded by the lock. */
  private long freeClusters;

  GroupBitmaps(VolumeContext volume) throws IOException {
    this.volume = volume;
    groups = volume.groups();
    descriptorBlocks = new MetadataBuffer[Math.toIntExact(groups.descriptorBlocksCount())];
    readAhead();
    for (int i = 0; i < descriptorBlocks.length; i++) {
      descriptorBlocks[i] = volume.cache().get(groups.descriptorBlockNr(i));
      descriptorBlocks[i].writeOrder(WriteOrder.ALLOCATION);
    }
    Features features = volume.superblock().features();
    for (long group = 0; group < groups.groupsCount(); group++) {
      volume.checksums().verify(descriptor(group), group);
      GroupDescriptorCheck.check(descriptor(group), group, groups, features);
      volume.dataBlocks().reserve(descriptor(group), group);
      freeClusters += descriptor(group).freeClustersCount();
    }
    volume.dataBlocks().complete();
  }

  /** Without meta_bg all descriptors lie together. */
  private void readAhead() {
    int count = descriptorBlocks.length;
    if (count > 1
        && groups.descriptorBlockNr(count - 1L) == groups.descriptorBlockNr(0) + count - 1) {
      volume.cache().prefetch(groups.descriptorBlockNr(0), count);
    }
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Free clusters of all groups, those included that are set aside in memory. */
  long freeClusters() {
    return freeClusters;
  }

  /** Begins a change of a group's descriptor. */
  void accessDescriptor(Handle handle, long group) {
    handle.access(descriptorBlock(group));
  }

  /** A group's descriptor was changed. */
  void descriptorChanged(Handle handle, long group) {
    volume.checksums().update(descriptor(group), group);
    handle.dirty(descriptorBlock(group));
  }

  GroupDescriptor descriptor(long group) {
    return new GroupDescriptor(
        descriptorBlock(group).data(),
        groups.descriptorByteOffset(group),
        groups.descriptorSizeBytes());
  }

  /** The bitmap of a group, pinned, verified or made. */
  MetadataBuffer get(Handle handle, long group) throws IOException {
    return isUninitialised(group) ? initialise(handle, group) : get(group);
  }

  /** Whether the bitmap of a group was never written. */
  boolean isUninitialised(long group) {
    return volume.checksums().groupsChecksummed()
        && descriptor(group).has(GroupDescriptor.FLAG_BLOCK_UNINIT);
  }

  /** The bitmap of an initialised group, pinned and verified. */
  MetadataBuffer get(long group) throws IOException {
    long blockNr = descriptor(group).blockBitmapBlockNr();
    MetadataBuffer bitmap =
        volume.cache().get(blockNr, BlockRole.bitmap(group), b -> verify(b, group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    return bitmap;
  }

  /** Marks clusters as in use. */
  void set(Handle handle, long group, MetadataBuffer bitmap, int start, int length) {
    Bitmap.set(bitmap.data(), start, start + length);
    changed(handle, group, bitmap, -length);
  }

  /** Marks clusters as free. */
  void clear(Handle handle, long group, MetadataBuffer bitmap, int start, int length) {
    Bitmap.clear(bitmap.data(), start, start + length);
    changed(handle, group, bitmap, length);
  }

  @Override
  public void close() {
    for (MetadataBuffer block : descriptorBlocks) {
      block.close();
    }
  }

  private void changed(Handle handle, long group, MetadataBuffer bitmap, int freed) {
    GroupDescriptor descriptor = descriptor(group);
    handle.access(descriptorBlock(group));
    descriptor.freeClustersCount(descriptor.freeClustersCount() + freed);
    freeClusters += freed;
    updateChecksums(descriptor, group, bitmap);
    handle.dirty(bitmap);
    handle.dirty(descriptorBlock(group));
  }

  private void updateChecksums(GroupDescriptor descriptor, long group, MetadataBuffer bitmap) {
    if (volume.checksums().enabled()) {
      descriptor.blockBitmapChecksum(checksum(bitmap));
    }
    volume.checksums().update(descriptor, group);
  }

  private int checksum(MetadataBuffer bitmap) {
    return volume.checksums().ofBitmap(bitmap.data(), 0, groups.clustersPerGroup() / BITS);
  }

  private void verify(MetadataBuffer bitmap, long group) throws CorruptStructureException {
    GroupDescriptor descriptor = descriptor(group);
    if (volume.checksums().enabled()) {
      int mask = descriptor.bitmapChecksumMask();
      int computed = checksum(bitmap) & mask;
      int stored = descriptor.blockBitmapChecksum() & mask;
      if (computed != stored) {
        throw CorruptStructureException.checksum(
            "block bitmap of group " + group + " in block " + bitmap.blockNr(), computed, stored);
      }
    }
    long inGroup = descriptor.blockBitmapBlockNr() - groups.firstBlockNr(group);
    int metadata = (int) (inGroup / groups.blocksPerCluster());
    if (inGroup >= 0
        && inGroup < groups.blocksIn(group)
        && !Bitmap.isSet(bitmap.data(), metadata)) {
      throw new CorruptStructureException(
          "block bitmap of group " + group + " in block " + bitmap.blockNr(),
          "the bitmap's own block is in use",
          "bit " + metadata + " set",
          "clear");
    }
  }

  /** A group that mkfs left uninitialised uses nothing but its own metadata. */
  private MetadataBuffer initialise(Handle handle, long group) {
    GroupDescriptor descriptor = descriptor(group);
    MetadataBuffer bitmap =
        volume.cache().create(descriptor.blockBitmapBlockNr(), BlockRole.bitmap(group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    MemorySegment.copy(initial(group), 0, bitmap.data(), 0, groups.blockSizeBytes());
    handle.access(bitmap);
    handle.access(descriptorBlock(group));
    descriptor.flags(descriptor.flags() & ~GroupDescriptor.FLAG_BLOCK_UNINIT);
    updateChecksums(descriptor, group, bitmap);
    handle.dirty(bitmap);
    handle.dirty(descriptorBlock(group));
    return bitmap;
  }

  /** What the bitmap of an uninitialised group stands for. */
  MemorySegment initial(long group) {
    GroupDescriptor descriptor = descriptor(group);
    MemorySegment bits = MemorySegment.ofArray(new byte[groups.blockSizeBytes()]);
    setInGroup(bits, group, groups.firstBlockNr(group), groups.baseMetadataBlocks(group));
    setInGroup(bits, group, descriptor.blockBitmapBlockNr(), 1);
    setInGroup(bits, group, descriptor.inodeBitmapBlockNr(), 1);
    setInGroup(bits, group, descriptor.inodeTableBlockNr(), groups.inodeTableBlocksCount());
    // Bits behind the end of the last group, and behind the group's in a larger block, are set.
    Bitmap.set(bits, groups.clustersIn(group), (int) bits.byteSize() * BITS);
    return bits;
  }

  private void setInGroup(MemorySegment bits, long group, long blockNr, long lengthBlocks) {
    long first = groups.firstBlockNr(group);
    long from = Math.max(0, blockNr - first);
    long end = Math.min(groups.blocksIn(group), blockNr + lengthBlocks - first);
    if (from < end) {
      int ratio = groups.blocksPerCluster();
      Bitmap.set(bits, (int) (from / ratio), (int) Math.ceilDiv(end, (long) ratio));
    }
  }

  private MetadataBuffer descriptorBlock(long group) {
    return descriptorBlocks[(int) groups.descriptorBlockIndex(group)];
  }
}
