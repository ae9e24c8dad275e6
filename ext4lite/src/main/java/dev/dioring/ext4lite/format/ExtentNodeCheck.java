package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/** The rules a node of an extent tree keeps, so that every entry can be followed blindly. */
public final class ExtentNodeCheck {
  /** Place of a root: it lies in the inode, not in a block. */
  public static final long IN_INODE = 0;

  /** First file block of a root: nothing above says what it must be. */
  public static final long ANY_FILE_BLOCK = -1;

  private final MemorySegment node;
  private final long base;
  private final DataBlocks dataBlocks;
  private final long inodeNr;
  private final long blockNr;

  private ExtentNodeCheck(
      MemorySegment node, long base, DataBlocks dataBlocks, long inodeNr, long blockNr) {
    this.node = node;
    this.base = base;
    this.dataBlocks = dataBlocks;
    this.inodeNr = inodeNr;
    this.blockNr = blockNr;
  }

  /** Checks the root in i_block of an inode. */
  public static void checkRoot(Inode inode, DataBlocks dataBlocks, long inodeNr)
      throws CorruptStructureException {
    ExtentNodeCheck check =
        new ExtentNodeCheck(
            inode.memory(), inode.byteOffset() + Inode.BLOCK_OFFSET, dataBlocks, inodeNr, IN_INODE);
    int depth = ExtentNode.depth(check.node, check.base);
    if (depth > ExtentNode.DEPTH_MAX) {
      throw check.broken("eh_depth", "0.." + ExtentNode.DEPTH_MAX, depth);
    }
    check.checkHeader(depth, ExtentNode.ROOT_ENTRIES_MAX);
    check.checkEntries(depth, ANY_FILE_BLOCK);
  }

  /**
   * Checks a node in a block, its checksum included.
   *
   * @param depth the depth its parent has, less one
   * @param firstFileBlockNr the file block of the index entry that leads here
   * @param inodeSeed {@link MetadataChecksums#inodeSeed} of the owner
   */
  public static void checkBlock(
      MemorySegment node,
      long base,
      int depth,
      long firstFileBlockNr,
      DataBlocks dataBlocks,
      MetadataChecksums checksums,
      int inodeSeed,
      long inodeNr,
      long blockNr)
      throws CorruptStructureException {
    ExtentNodeCheck check = new ExtentNodeCheck(node, base, dataBlocks, inodeNr, blockNr);
    check.checkHeader(depth, ExtentNode.blockEntriesMax(dataBlocks.groups().blockSizeBytes()));
    if (checksums.enabled()) {
      int computed = ExtentNode.computeChecksum(node, base, inodeSeed);
      int stored = ExtentNode.checksum(node, base);
      if (computed != stored) {
        throw CorruptStructureException.checksum(check.place(), computed, stored);
      }
    }
    check.checkEntries(depth, firstFileBlockNr);
  }

  private void checkHeader(int depth, int entriesMax) throws CorruptStructureException {
    int magic = ExtentNode.magic(node, base);
    if (magic != ExtentNode.MAGIC) {
      throw new CorruptStructureException(
          place(),
          "eh_magic",
          CorruptStructureException.hex(ExtentNode.MAGIC),
          CorruptStructureException.hex(magic));
    }
    int found = ExtentNode.depth(node, base);
    if (found != depth) {
      throw broken("eh_depth", Integer.toString(depth), found);
    }
    int max = ExtentNode.max(node, base);
    if (max <= 0 || max > entriesMax) {
      throw broken("eh_max", "1.." + entriesMax, max);
    }
    int entries = ExtentNode.entries(node, base);
    if (entries > max) {
      throw broken("eh_entries <= eh_max", "<= " + max, entries);
    }
    if (entries == 0 && depth > 0) {
      throw broken("eh_entries of an index", "> 0", entries);
    }
  }

  private void checkEntries(int depth, long firstFileBlockNr) throws CorruptStructureException {
    int entries = ExtentNode.entries(node, base);
    long free = 0;
    for (int i = 0; i < entries; i++) {
      long fileBlockNr = ExtentNode.fileBlockNr(node, base, i);
      if (i == 0 && firstFileBlockNr != ANY_FILE_BLOCK && fileBlockNr != firstFileBlockNr) {
        throw broken(
            "first entry starts where its index says",
            "file block " + firstFileBlockNr,
            fileBlockNr);
      }
      if (fileBlockNr < free) {
        throw broken("entry " + i + " is behind the one before", ">= " + free, fileBlockNr);
      }
      free = fileBlockNr + (depth == 0 ? checkLeaf(i, fileBlockNr) : checkIndex(i));
    }
  }

  private int checkLeaf(int index, long fileBlockNr) throws CorruptStructureException {
    int length = ExtentNode.lengthBlocks(node, base, index);
    if (length <= 0) {
      throw broken("ee_len of entry " + index, "> 0", length);
    }
    if (fileBlockNr + length > ExtentNode.FILE_BLOCKS_MAX) {
      throw broken("end of entry " + index, "<= 2^32", fileBlockNr + length);
    }
    long start = ExtentNode.startBlockNr(node, base, index);
    if (!dataBlocks.contains(start, length, inodeNr)) {
      throw new CorruptStructureException(
          place(), "blocks of entry " + index, dataBlocks.rule(), start + " + " + length);
    }
    return length;
  }

  private int checkIndex(int index) throws CorruptStructureException {
    long child = ExtentNode.childBlockNr(node, base, index);
    if (!dataBlocks.contains(child, 1, inodeNr)) {
      throw broken("ei_leaf of entry " + index, dataBlocks.rule(), child);
    }
    return 1;
  }

  private String place() {
    String owner = "extent node of inode " + inodeNr;
    return blockNr == IN_INODE ? owner : owner + " in block " + blockNr;
  }

  private CorruptStructureException broken(String predicate, String expected, long found) {
    return new CorruptStructureException(place(), predicate, expected, Long.toString(found));
  }
}
