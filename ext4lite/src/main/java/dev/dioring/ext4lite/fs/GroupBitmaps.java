package dev.dioring.ext4lite.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Features;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.GroupDescriptorCheck;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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
    GroupDescriptor descriptor = descriptor(group);
    long blockNr = descriptor.blockBitmapBlockNr();
    if (volume.checksums().groupsChecksummed()
        && descriptor.has(GroupDescriptor.FLAG_BLOCK_UNINIT)) {
      return initialise(handle, group, descriptor, blockNr);
    }
    MetadataBuffer bitmap =
        volume.cache().get(blockNr, BlockRole.bitmap(group), b -> verify(b, group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    return bitmap;
  }

  /**
   * Looks for a run of clear bits.
   *
   * @param held bits to pass over though they are clear, or null
   * @param end first bit not to look at
   * @return start bit in the upper half, length in the lower: the first run of {@code wanted} bits,
   *     or the longest; 0 length if there is none
   */
  long findRun(MetadataBuffer bitmap, @Nullable BitSet held, int from, int end, int wanted) {
    MemorySegment bits = bitmap.data();
    int bestStart = 0;
    int bestLength = 0;
    int at = from;
    while (at < end) {
      if (at % BITS == 0 && at + BITS <= end && bits.get(JAVA_BYTE, at / BITS) == (byte) -1) {
        at += BITS;
        continue;
      }
      if (isTaken(bits, held, at)) {
        at++;
        continue;
      }
      int start = at;
      while (at < end && at - start < wanted && !isTaken(bits, held, at)) {
        at++;
      }
      if (at - start > bestLength) {
        bestStart = start;
        bestLength = at - start;
      }
      if (bestLength == wanted) {
        break;
      }
    }
    return (long) bestStart << 32 | bestLength;
  }

  boolean allSet(MetadataBuffer bitmap, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (!isSet(bitmap.data(), i)) {
        return false;
      }
    }
    return true;
  }

  void set(Handle handle, long group, MetadataBuffer bitmap, int start, int length) {
    for (int i = start; i < start + length; i++) {
      setBit(bitmap.data(), i);
    }
    changed(handle, group, bitmap, -length);
  }

  void clear(Handle handle, long group, MetadataBuffer bitmap, int start, int length) {
    MemorySegment bits = bitmap.data();
    for (int i = start; i < start + length; i++) {
      byte old = bits.get(JAVA_BYTE, i / BITS);
      bits.set(JAVA_BYTE, i / BITS, (byte) (old & ~(1 << (i % BITS))));
    }
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
    int metadata = (int) (descriptor.blockBitmapBlockNr() - groups.firstBlockNr(group));
    if (metadata >= 0 && metadata < groups.blocksIn(group) && !isSet(bitmap.data(), metadata)) {
      throw new CorruptStructureException(
          "block bitmap of group " + group + " in block " + bitmap.blockNr(),
          "the bitmap's own block is in use",
          "bit " + metadata + " set",
          "clear");
    }
  }

  /** A group that mkfs left uninitialised uses nothing but its own metadata. */
  private MetadataBuffer initialise(
      Handle handle, long group, GroupDescriptor descriptor, long blockNr) {
    MetadataBuffer bitmap = volume.cache().create(blockNr, BlockRole.bitmap(group));
    bitmap.writeOrder(WriteOrder.ALLOCATION);
    MemorySegment bits = bitmap.data();
    for (int i = 0; i < groups.baseMetadataBlocks(group); i++) {
      setBit(bits, i);
    }
    setInGroup(bits, group, descriptor.blockBitmapBlockNr(), 1);
    setInGroup(bits, group, descriptor.inodeBitmapBlockNr(), 1);
    setInGroup(bits, group, descriptor.inodeTableBlockNr(), groups.inodeTableBlocksCount());
    // Bits behind the end of the last group, and behind the group's in a larger block, are set.
    for (int i = (int) groups.blocksIn(group); i < bits.byteSize() * BITS; i++) {
      setBit(bits, i);
    }
    handle.access(bitmap);
    handle.access(descriptorBlock(group));
    descriptor.flags(descriptor.flags() & ~GroupDescriptor.FLAG_BLOCK_UNINIT);
    updateChecksums(descriptor, group, bitmap);
    handle.dirty(bitmap);
    handle.dirty(descriptorBlock(group));
    return bitmap;
  }

  private void setInGroup(MemorySegment bits, long group, long blockNr, long lengthBlocks) {
    long first = groups.firstBlockNr(group);
    for (long b = blockNr; b < blockNr + lengthBlocks; b++) {
      if (b >= first && b < first + groups.blocksIn(group)) {
        setBit(bits, (int) (b - first));
      }
    }
  }

  private MetadataBuffer descriptorBlock(long group) {
    return descriptorBlocks[(int) groups.descriptorBlockIndex(group)];
  }

  private static boolean isTaken(MemorySegment bits, @Nullable BitSet held, int index) {
    return isSet(bits, index) || (held != null && held.get(index));
  }

  private static boolean isSet(MemorySegment bits, int index) {
    return (bits.get(JAVA_BYTE, index / BITS) >> (index % BITS) & 1) != 0;
  }

  private static void setBit(MemorySegment bits, int index) {
    byte old = bits.get(JAVA_BYTE, index / BITS);
    bits.set(JAVA_BYTE, index / BITS, (byte) (old | 1 << (index % BITS)));
  }
}
