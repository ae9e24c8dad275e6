package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Allocates and frees inodes. Directories are spread as Orlov's allocator does: those of the root
 * go to groups with more free inodes and blocks than the average and few directories, others stay
 * near their parent while its group is not crowded. Files go to their directory's group.
 */
final class InodeAllocator {
  private final VolumeContext volume;
  private final BlockGroups groups;
  private final GroupBitmaps descriptors;
  private final InodeBitmaps bitmaps;
  private final ReentrantLock lock;

  /** Counters of the whole volume; guarded by the lock. */
  private long freeInodes;

  private long directories;

  InodeAllocator(VolumeContext volume, GroupBitmaps descriptors) {
    this.volume = volume;
    this.descriptors = descriptors;
    groups = volume.groups();
    bitmaps = new InodeBitmaps(volume, descriptors);
    lock = descriptors.lock();
    for (long group = 0; group < groups.groupsCount(); group++) {
      freeInodes += descriptors.descriptor(group).freeInodesCount();
      directories += descriptors.descriptor(group).usedDirectoriesCount();
    }
  }

  /** Inodes that are free on the volume. */
  long freeInodes() {
    lock.lock();
    try {
      return freeInodes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Allocates an inode and empties its record, which the caller fills and whose buffer it closes.
   *
   * @param spread whether the parent is the root, or marked as a top of hierarchies
   * @throws NoSpaceException if there is none
   */
  InodeBlock allocate(Handle handle, long parentNr, boolean directory, boolean spread)
      throws IOException {
    lock.lock();
    try {
      if (freeInodes > 0) {
        long parentGroup = groups.groupOfInode(parentNr);
        long first = directory ? directoryGroup(parentGroup, spread) : parentGroup;
        for (long i = 0; i < groups.groupsCount(); i++) {
          long group = (first + i) % groups.groupsCount();
          InodeBlock made = allocateIn(handle, group, directory);
          if (made != null) {
            return made;
          }
        }
      }
      throw NoSpaceException.ofInodes(groups.inodesCount());
    } finally {
      lock.unlock();
    }
  }

  /** Whether an inode is in use by its bitmap. */
  boolean isInUse(Handle handle, long inodeNr) throws IOException {
    lock.lock();
    try (MetadataBuffer bitmap = bitmaps.get(handle, groups.groupOfInode(inodeNr))) {
      return bitmaps.isSet(bitmap, (int) groups.indexInGroup(inodeNr));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Allocates one certain inode, which is free, and empties its record, which the caller fills and
   * whose buffer it closes.
   */
  InodeBlock take(Handle handle, long inodeNr, boolean directory) throws IOException {
    long group = groups.groupOfInode(inodeNr);
    int index = (int) groups.indexInGroup(inodeNr);
    lock.lock();
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      return take(handle, group, bitmap, index, directory);
    } finally {
      lock.unlock();
    }
  }

  /** Marks an inode as free, whose record the caller has emptied. */
  void free(Handle handle, long inodeNr, boolean directory) throws IOException {
    long group = groups.groupOfInode(inodeNr);
    int index = (int) groups.indexInGroup(inodeNr);
    lock.lock();
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      if (!bitmaps.isSet(bitmap, index)) {
        throw new CorruptStructureException(
            "inode bitmap of group " + group,
            "an inode being freed is in use",
            "bit " + index + " set",
            "clear");
      }
      bitmaps.clear(handle, group, bitmap, index, directory);
      freeInodes++;
      directories -= directory ? 1 : 0;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable InodeBlock allocateIn(Handle handle, long group, boolean directory)
      throws IOException {
    if (descriptors.descriptor(group).freeInodesCount() == 0) {
      return null;
    }
    try (MetadataBuffer bitmap = bitmaps.get(handle, group)) {
      int from = group == 0 ? (int) volume.superblock().firstInode() - 1 : 0;
      int index = bitmaps.findClear(bitmap, from);
      if (index < 0) {
        return null;
      }
      return take(handle, group, bitmap, index, directory);
    }
  }

  private InodeBlock take(
      Handle handle, long group, MetadataBuffer bitmap, int index, boolean directory)
      throws IOException {
    long everUsed = bitmaps.set(handle, group, bitmap, index, directory);
    freeInodes--;
    directories += directory ? 1 : 0;
    return empty(handle, group, index, everUsed);
  }

  /** The inode's record, emptied; its block may never have been written. */
  private InodeBlock empty(Handle handle, long group, int index, long everUsed) throws IOException {
    long inodeNr = group * groups.inodesPerGroup() + index + 1;
    long blockNr =
        descriptors.descriptor(group).inodeTableBlockNr() + groups.inodeTableBlock(inodeNr);
    long firstInBlock = index - groups.inodeByteOffset(inodeNr) / groups.inodeSizeBytes();
    MetadataBuffer buffer =
        firstInBlock >= everUsed
            ? volume.cache().create(blockNr, BlockRole.NONE)
            : volume.cache().get(blockNr);
    handle.access(buffer);
    Inode inode =
        new Inode(buffer.data(), groups.inodeByteOffset(inodeNr), groups.inodeSizeBytes());
    inode.clear();
    return new InodeBlock(buffer, inode, inodeNr, volume);
  }

  private long directoryGroup(long parentGroup, boolean spread) {
    long freeInodesMean = freeInodes / groups.groupsCount();
    if (spread) {
      return emptiestGroup(freeInodesMean);
    }
    long crowd = groups.inodesPerGroup() / 16;
    long directoriesMax = directories / groups.groupsCount() + crowd;
    long freeInodesMin = Math.max(1, freeInodesMean - groups.inodesPerGroup() / 4);
    long freeClustersMean = descriptors.freeClusters() / groups.groupsCount();
    long freeClustersMin = freeClustersMean - groups.clustersPerGroup() / 4;
    for (long i = 0; i < groups.groupsCount(); i++) {
      long group = (parentGroup + i) % groups.groupsCount();
      GroupDescriptor descriptor = descriptors.descriptor(group);
      if (descriptor.usedDirectoriesCount() < directoriesMax
          && descriptor.freeInodesCount() >= freeInodesMin
          && descriptor.freeClustersCount() >= freeClustersMin) {
        return group;
      }
    }
    return parentGroup;
  }

  private long emptiestGroup(long freeInodesMean) {
    long start = ThreadLocalRandom.current().nextLong(groups.groupsCount());
    long freeClustersMean = descriptors.freeClusters() / groups.groupsCount();
    long best = start;
    long fewest = Long.MAX_VALUE;
    for (long i = 0; i < groups.groupsCount(); i++) {
      long group = (start + i) % groups.groupsCount();
      GroupDescriptor descriptor = descriptors.descriptor(group);
      if (descriptor.freeInodesCount() > 0
          && descriptor.freeInodesCount() >= freeInodesMean
          && descriptor.freeClustersCount() >= freeClustersMean
          && descriptor.usedDirectoriesCount() < fewest) {
        fewest = descriptor.usedDirectoriesCount();
        best = group;
      }
    }
    return best;
  }
}
