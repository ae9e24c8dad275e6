package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.ExtentNodeCheck;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Finds the blocks of an internal journal. It reads the device itself: before recovery nothing may
 * get into the cache, and the group descriptors need not agree with anything.
 */
public final class JournalInode {
  private static final int PAGE_BYTES = 4096;

  private final BlockIo io;
  private final Superblock superblock;
  private final BlockGroups groups;
  private final DataBlocks dataBlocks;
  private final MetadataChecksums checksums;
  private final long inodeNr;
  private final Arena arena;

  /** Blocks that the map still wants, by the inode's size. */
  private long restBlocks;

  private int inodeSeed;
  private final JournalMap map = new JournalMap();

  private JournalInode(BlockIo io, Superblock superblock, Arena arena) {
    this.io = io;
    this.superblock = superblock;
    this.arena = arena;
    groups = BlockGroups.of(superblock);
    dataBlocks = new DataBlocks(groups);
    checksums = MetadataChecksums.of(superblock);
    inodeNr = superblock.journalInodeNr();
  }

  /**
   * Reads the map of a volume's journal.
   *
   * @throws CorruptStructureException if neither the inode nor its copy in the superblock maps a
   *     journal
   */
  public static JournalMap map(BlockIo io, Superblock superblock) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      try {
        return new JournalInode(io, superblock, arena).mapOf(false);
      } catch (CorruptStructureException e) {
        if (superblock.journalBackupType() != Superblock.JOURNAL_BACKUP_BLOCKS) {
          throw e;
        }
        // The inode may be torn by the crash; its map never changes, and here is a copy.
        return new JournalInode(io, superblock, arena).mapOf(true);
      }
    }
  }

  private JournalMap mapOf(boolean fromBackup) throws IOException {
    if (!groups.isInode(inodeNr)) {
      throw corrupt("s_journal_inum", "1.." + groups.inodesCount(), Long.toString(inodeNr));
    }
    Inode inode = fromBackup ? backup() : onDisk();
    long size = inode.size();
    if (size <= 0 || size >>> groups.blockSizeShift() > ExtentNode.FILE_BLOCKS_MAX) {
      throw corrupt("i_size", "> 0", Long.toString(size));
    }
    restBlocks = size >>> groups.blockSizeShift();
    inodeSeed = checksums.inodeSeed(inodeNr, inode.generation());
    long root = inode.byteOffset() + Inode.BLOCK_OFFSET;
    if (inode.has(Inode.FLAG_EXTENTS)) {
      ExtentNodeCheck.checkRoot(inode, dataBlocks, inodeNr);
      walkExtents(inode.memory(), root);
    } else {
      walkNumbers(inode.memory(), root, BlockMap.DIRECT, 0);
      for (int level = 1; level <= BlockMap.LEVELS_MAX && restBlocks > 0; level++) {
        walkIndirect(BlockMap.blockNr(inode.memory(), root, BlockMap.DIRECT + level - 1), level);
      }
    }
    if (restBlocks > 0) {
      throw corrupt("blocks mapped", "all of i_size", restBlocks + " missing");
    }
    return map;
  }

  private Inode onDisk() throws IOException {
    long group = groups.groupOfInode(inodeNr);
    MemorySegment block = read(groups.descriptorBlockNr(groups.descriptorBlockIndex(group)));
    GroupDescriptor descriptor =
        new GroupDescriptor(
            block, groups.descriptorByteOffset(group), groups.descriptorSizeBytes());
    long tableBlockNr = descriptor.inodeTableBlockNr() + groups.inodeTableBlock(inodeNr);
    if (!groups.contains(tableBlockNr, 1)) {
      throw corrupt("block of the inode table", groups.containedRange(), "" + tableBlockNr);
    }
    Inode inode =
        new Inode(read(tableBlockNr), groups.inodeByteOffset(inodeNr), groups.inodeSizeBytes());
    InodeCheck.check(inode, inodeNr, dataBlocks, superblock.features(), checksums);
    if (inode.kind() != FileKind.REGULAR || inode.linksCount() == 0) {
      throw corrupt("kind and links", "a linked regular file", "something else");
    }
    return inode;
  }

  /** An inode with the map and the size of the superblock's copy, and nothing else. */
  private Inode backup() throws CorruptStructureException {
    Inode inode = superblock.journalBackup(arena.allocate(groups.inodeSizeBytes(), Long.BYTES));
    long root = Inode.BLOCK_OFFSET;
    if (ExtentNode.magic(inode.memory(), root) == ExtentNode.MAGIC) {
      inode.flags(Inode.FLAG_EXTENTS);
      if (ExtentNode.depth(inode.memory(), root) > 0 && checksums.enabled()) {
        // The checksums of the nodes below need the generation, which the copy lacks.
        throw corrupt("copy of its map in the superblock", "a tree of one level", "a deeper one");
      }
    }
    return inode;
  }

  private void walkExtents(MemorySegment node, long base) throws IOException {
    int depth = ExtentNode.depth(node, base);
    for (int i = 0; i < ExtentNode.entries(node, base) && restBlocks > 0; i++) {
      long first = ExtentNode.fileBlockNr(node, base, i);
      if (depth > 0) {
        long child = ExtentNode.childBlockNr(node, base, i);
        MemorySegment block = read(child);
        ExtentNodeCheck.checkBlock(
            block, 0, depth - 1, first, dataBlocks, checksums, inodeSeed, inodeNr, child);
        walkExtents(block, 0);
        continue;
      }
      if (first != map.lengthBlocks()) {
        throw corrupt("blocks mapped", "no hole", "a hole at " + map.lengthBlocks());
      }
      int length = ExtentNode.lengthBlocks(node, base, i);
      append(ExtentNode.startBlockNr(node, base, i), length);
    }
  }

  private void walkIndirect(long blockNr, int level) throws IOException {
    if (!groups.contains(blockNr, 1)) {
      throw corrupt("number in the block map", groups.containedRange(), Long.toString(blockNr));
    }
    int count = BlockMap.numbersPerBlock(groups.blockSizeBytes());
    walkNumbers(read(blockNr), 0, count, level - 1);
  }

  private void walkNumbers(MemorySegment numbers, long base, int count, int level)
      throws IOException {
    for (int i = 0; i < count && restBlocks > 0; i++) {
      long blockNr = BlockMap.blockNr(numbers, base, i);
      if (level > 0) {
        walkIndirect(blockNr, level);
      } else if (groups.contains(blockNr, 1)) {
        append(blockNr, 1);
      } else {
        throw corrupt("number in the block map", groups.containedRange(), Long.toString(blockNr));
      }
    }
  }

  private void append(long startBlockNr, int lengthBlocks) {
    long wanted = Math.min(restBlocks, lengthBlocks);
    map.append(startBlockNr, wanted);
    restBlocks -= wanted;
  }

  private MemorySegment read(long blockNr) throws IOException {
    int blockSize = groups.blockSizeBytes();
    MemorySegment block = arena.allocate(blockSize, Math.max(PAGE_BYTES, blockSize));
    io.readFully(blockNr * blockSize, block);
    return block;
  }

  private CorruptStructureException corrupt(String predicate, String expected, String found) {
    return new CorruptStructureException("journal inode " + inodeNr, predicate, expected, found);
  }
}
