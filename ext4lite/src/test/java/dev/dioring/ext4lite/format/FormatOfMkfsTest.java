package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What mkfs.ext4 writes reads as dumpe2fs says, with every checksum right. */
class FormatOfMkfsTest {
  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 1024",
        "-b 2048 -O ^64bit",
        "-b 4096",
        "-b 1024 -O ^metadata_csum,uninit_bg",
        "-b 1024 -O ^metadata_csum,uninit_bg,^64bit",
        "-b 1024 -O ^metadata_csum,^uninit_bg",
        "-b 1024 -O meta_bg,^resize_inode -N 4096 -g 1024",
        "-b 1024 -O meta_bg,^resize_inode,^flex_bg,^64bit -g 256",
        "-b 4096 -O bigalloc -C 16384",
        "-b 1024 -O bigalloc -C 16384",
        "-b 1024 -O metadata_csum_seed -I 512",
        "-b 1024 -O ^sparse_super,^resize_inode -g 1024",
        "-b 1024 -O sparse_super2,^resize_inode -g 1024",
        "-b 1024 -I 128",
        "-t ext2 -b 1024",
        "-t ext3 -b 1024",
      })
  void readsAsDumpe2fsSays(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    for (int i = 0; i < 40; i++) {
      Files.writeString(content.resolve("file" + i), "x".repeat(i * 100));
    }
    Ext4Image image =
        Ext4Image.populated(directory.resolve("image"), "24M", content, options.split(" ", -1));
    MemorySegment volume = MemorySegment.ofArray(image.bytes());
    Superblock superblock = new Superblock(volume, Superblock.VOLUME_BYTE_OFFSET);
    SuperblockCheck.check(superblock, "superblock");
    compareSuperblock(superblock, image.header());
    BlockGroups groups = BlockGroups.of(superblock);
    checkGroups(volume, superblock, groups);
  }

  private static void compareSuperblock(Superblock superblock, Map<String, String> header) {
    BlockGroups groups = BlockGroups.of(superblock);
    assertEquals(header.get("Filesystem UUID"), superblock.uuid().toString());
    assertEquals(
        header.get("Filesystem features"), String.join(" ", superblock.features().names()));
    assertEquals(header.get("Inode count"), "" + superblock.inodesCount());
    assertEquals(header.get("Block count"), "" + superblock.blocksCount());
    assertEquals(header.get("Reserved block count"), "" + superblock.reservedBlocksCount());
    assertEquals(header.get("Free blocks"), "" + superblock.freeBlocksCount());
    assertEquals(header.get("Free inodes"), "" + superblock.freeInodesCount());
    assertEquals(header.get("First block"), "" + superblock.firstDataBlock());
    assertEquals(header.get("Block size"), "" + groups.blockSizeBytes());
    assertEquals(header.get("Blocks per group"), "" + superblock.blocksPerGroup());
    assertEquals(header.get("Inodes per group"), "" + superblock.inodesPerGroup());
    assertEquals(header.get("Inode blocks per group"), "" + groups.inodeTableBlocksCount());
    assertEquals(header.get("Inode size"), "" + superblock.inodeSizeBytes());
    assertEquals(header.get("First inode"), "" + superblock.firstInode());
    if (header.containsKey("Journal inode")) {
      assertEquals(header.get("Journal inode"), "" + superblock.journalInodeNr());
    }
    UUID seed = UUID.fromString(header.getOrDefault("Directory Hash Seed", ""));
    int first = Integer.reverseBytes((int) (seed.getMostSignificantBits() >>> 32));
    assertEquals(first, superblock.hashSeed(0));
  }

  private static void checkGroups(MemorySegment volume, Superblock superblock, BlockGroups groups)
      throws CorruptStructureException {
    MetadataChecksums checksums = MetadataChecksums.of(superblock);
    long usedDirectories = 0;
    long freeClusters = 0;
    long freeInodes = 0;
    long inodesChecked = 0;
    for (long group = 0; group < groups.groupsCount(); group++) {
      GroupDescriptor descriptor = descriptor(volume, groups, group);
      checksums.verify(descriptor, group);
      int stored = descriptor.checksum();
      checksums.update(descriptor, group);
      assertEquals(stored, descriptor.checksum());
      assertTrue(groups.contains(descriptor.inodeTableBlockNr(), groups.inodeTableBlocksCount()));
      usedDirectories += descriptor.usedDirectoriesCount();
      freeInodes += descriptor.freeInodesCount();
      freeClusters += descriptor.freeClustersCount();
      checkBitmaps(volume, groups, checksums, descriptor);
      inodesChecked += checkInodes(volume, groups, checksums, descriptor, group);
      checkCopy(volume, superblock, groups, group);
    }
    assertEquals(2, usedDirectories);
    assertEquals(superblock.freeBlocksCount(), freeClusters * groups.blocksPerCluster());
    assertEquals(superblock.freeInodesCount(), freeInodes);
    assertEquals(superblock.inodesCount() - freeInodes, inodesChecked);
  }

  private static void checkBitmaps(
      MemorySegment volume,
      BlockGroups groups,
      MetadataChecksums checksums,
      GroupDescriptor descriptor) {
    if (!checksums.enabled()) {
      return;
    }
    int mask = descriptor.bitmapChecksumMask();
    if (!descriptor.has(GroupDescriptor.FLAG_BLOCK_UNINIT)) {
      long at = descriptor.blockBitmapBlockNr() << groups.blockSizeShift();
      int crc = checksums.ofBitmap(volume, at, groups.clustersPerGroup() / 8);
      assertEquals(descriptor.blockBitmapChecksum(), crc & mask);
    }
    if (!descriptor.has(GroupDescriptor.FLAG_INODE_UNINIT)) {
      long at = descriptor.inodeBitmapBlockNr() << groups.blockSizeShift();
      int crc = checksums.ofBitmap(volume, at, groups.inodesPerGroup() / 8);
      assertEquals(descriptor.inodeBitmapChecksum(), crc & mask);
    }
  }

  private static long checkInodes(
      MemorySegment volume,
      BlockGroups groups,
      MetadataChecksums checksums,
      GroupDescriptor descriptor,
      long group)
      throws CorruptStructureException {
    if (descriptor.has(GroupDescriptor.FLAG_INODE_UNINIT)) {
      return 0;
    }
    long used = 0;
    long bitmap = descriptor.inodeBitmapBlockNr() << groups.blockSizeShift();
    for (long i = 0; i < groups.inodesPerGroup(); i++) {
      if ((LittleEndian.u8(volume, bitmap + i / 8) >> i % 8 & 1) == 0) {
        continue;
      }
      used++;
      long number = group * groups.inodesPerGroup() + i + 1;
      assertEquals(group, groups.groupOfInode(number));
      long block = descriptor.inodeTableBlockNr() + groups.inodeTableBlock(number);
      long at = (block << groups.blockSizeShift()) + groups.inodeByteOffset(number);
      Inode inode = new Inode(volume, at, groups.inodeSizeBytes());
      if (checksums.enabled()) {
        int stored = inode.checksum();
        assertEquals(
            stored,
            inode.computeChecksum(checksums.inodeSeed(number, inode.generation())),
            "inode " + number);
        inode.updateChecksum(checksums, number);
        assertEquals(stored, inode.checksum());
      }
      if (inode.has(Inode.FLAG_EXTENTS)) {
        ExtentNodeCheck.checkRoot(inode, new DataBlocks(groups), number);
      }
    }
    return used;
  }

  private static void checkCopy(
      MemorySegment volume, Superblock superblock, BlockGroups groups, long group)
      throws CorruptStructureException {
    if (group == 0 || !groups.hasSuperblock(group)) {
      return;
    }
    Superblock copy = new Superblock(volume, groups.firstBlockNr(group) << groups.blockSizeShift());
    SuperblockCheck.check(copy, "copy in group " + group);
    assertEquals(group & 0xffff, copy.blockGroupNr());
    assertEquals(superblock.uuid(), copy.uuid());
  }

  private static GroupDescriptor descriptor(MemorySegment volume, BlockGroups groups, long group) {
    long block = groups.descriptorBlockNr(groups.descriptorBlockIndex(group));
    return new GroupDescriptor(
        volume,
        (block << groups.blockSizeShift()) + groups.descriptorByteOffset(group),
        groups.descriptorSizeBytes());
  }
}
