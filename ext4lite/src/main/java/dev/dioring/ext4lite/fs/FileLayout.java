package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;

/**
 * How the blocks of a regular file are found and changed: by an extent tree or by a block map.
 *
 * @param extents whether blocks may be allocated without being written
 * @param sizeBytesMax no byte lies behind this
 */
record FileLayout(
    boolean extents, FileMap map, MapWriter writer, HoleFiller filler, long sizeBytesMax) {

  static FileLayout of(VolumeContext volume, LiveInode live, BlockAllocator allocator) {
    InodeBlock owner = live.block();
    int blockSizeBytes = volume.groups().blockSizeBytes();
    boolean hugeFiles = volume.superblock().has(Feature.HUGE_FILE);
    if (owner.inode().has(Inode.FLAG_EXTENTS)) {
      ExtentTree tree = live.tree();
      ExtentWriter writer = new ExtentWriter(volume, owner, tree, allocator);
      Preallocation filler = new Preallocation(volume, owner, tree, writer, allocator);
      long max = ExtentNode.fileBytesMax(blockSizeBytes, hugeFiles);
      return new FileLayout(true, tree, writer, filler, max);
    }
    BlockClaims claims = new BlockClaims();
    ClaimedMap map = new ClaimedMap(volume, owner, live.fieldLock(), claims, allocator);
    IndirectWriter writer = new IndirectWriter(volume, owner, allocator, claims);
    long max = BlockMap.fileBytesMax(blockSizeBytes, hugeFiles);
    return new FileLayout(false, map, writer, map, max);
  }
}
