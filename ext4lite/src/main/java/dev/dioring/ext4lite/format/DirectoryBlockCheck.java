package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/** The rules a block of a directory keeps, so that its entries can be walked blindly. */
public final class DirectoryBlockCheck {
  private static final byte[] DOT = {'.'};
  private static final byte[] DOT_DOT = {'.', '.'};

  private final MemorySegment block;
  private final long base;
  private final int sizeBytes;
  private final BlockGroups groups;
  private final DirectoryPlace place;

  private DirectoryBlockCheck(
      MemorySegment block, long base, int sizeBytes, BlockGroups groups, DirectoryPlace place) {
    this.block = block;
    this.base = base;
    this.sizeBytes = sizeBytes;
    this.groups = groups;
    this.place = place;
  }

  /**
   * Checks a whole block, its checksum included.
   *
   * @param indexed whether the directory has {@link Inode#FLAG_INDEX}
   * @param plainNames whether names are text, not ciphertext
   */
  public static void checkBlock(
      MemorySegment block,
      BlockGroups groups,
      MetadataChecksums checksums,
      int inodeSeed,
      boolean indexed,
      boolean plainNames,
      boolean largeDirectories,
      DirectoryPlace place)
      throws CorruptStructureException {
    int size = groups.blockSizeBytes();
    DirectoryBlockCheck check = new DirectoryBlockCheck(block, 0, size, groups, place);
    boolean root = indexed && place.fileBlockNr() == 0;
    if (root) {
      HtreeNode.checkRoot(block, 0, size, checksums.enabled(), largeDirectories, place);
      check.checkIndexChecksum(HtreeNode.ROOT_TABLE_OFFSET, checksums, inodeSeed);
    } else if (indexed && isIndexNode(block, size)) {
      int table = HtreeNode.NODE_TABLE_OFFSET;
      HtreeNode.checkTable(block, 0, table, size, checksums.enabled(), place);
      check.checkIndexChecksum(table, checksums, inodeSeed);
    } else {
      check.checkLeafChecksum(checksums, inodeSeed);
    }
    check.checkEntries(plainNames);
    if (place.fileBlockNr() == 0) {
      check.checkDots();
    }
  }

  /** Checks entries that lie in an inode. */
  public static void checkInline(
      MemorySegment memory,
      long base,
      int sizeBytes,
      BlockGroups groups,
      boolean plainNames,
      DirectoryPlace place)
      throws CorruptStructureException {
    new DirectoryBlockCheck(memory, base, sizeBytes, groups, place).checkEntries(plainNames);
  }

  /**
   * Whether a block of an indexed directory, not its first, is a node of the index. An empty leaf
   * may start alike where leaves have no checksums; but it has no table.
   */
  public static boolean isIndexNode(MemorySegment block, int blockSizeBytes) {
    return DirectoryEntry.inodeNr(block, 0) == 0
        && DirectoryEntry.recordBytes(block, 0, blockSizeBytes) == blockSizeBytes
        && DirectoryEntry.nameBytes(block, 0) == 0
        && HtreeNode.isTable(block, HtreeNode.NODE_TABLE_OFFSET, blockSizeBytes);
  }

  private void checkIndexChecksum(int table, MetadataChecksums checksums, int inodeSeed)
      throws CorruptStructureException {
    if (checksums.enabled()) {
      compare(
          HtreeNode.computeChecksum(block, base, base + table, inodeSeed),
          HtreeNode.checksum(block, base + table));
    }
  }

  private void checkLeafChecksum(MetadataChecksums checksums, int inodeSeed)
      throws CorruptStructureException {
    if (!checksums.enabled()) {
      return;
    }
    long tail = base + sizeBytes - DirectoryEntry.TAIL_BYTES;
    if (!DirectoryEntry.isTail(block, tail)) {
      throw new CorruptStructureException(
          place.toString(), "checksum entry at its end", "one", "none");
    }
    compare(
        Crc32c.update(inodeSeed, block, base, tail - base),
        DirectoryEntry.tailChecksum(block, tail));
  }

  private void compare(int computed, int stored) throws CorruptStructureException {
    if (computed != stored) {
      throw CorruptStructureException.checksum(place.toString(), computed, stored);
    }
  }

  private void checkEntries(boolean plainNames) throws CorruptStructureException {
    // Plain array accesses are much faster than those of segments until they are compiled.
    byte[] bytes = LittleEndian.bytes(block, base, sizeBytes);
    int at = 0;
    while (at < sizeBytes) {
      int rest = sizeBytes - at;
      if (rest < DirectoryEntry.RECORD_MIN_BYTES) {
        throw place.broken("room for the entry at " + at, ">= 12", rest);
      }
      at += checkEntry(bytes, at, rest, plainNames);
    }
  }

  private int checkEntry(byte[] bytes, int at, int rest, boolean plainNames)
      throws CorruptStructureException {
    int record = DirectoryEntry.recordBytes(bytes, at, groups.blockSizeBytes());
    int name = DirectoryEntry.nameBytes(bytes, at);
    int least = Math.max(DirectoryEntry.RECORD_MIN_BYTES, DirectoryEntry.recordBytesFor(name));
    if (record < least || record > rest || record % 4 != 0) {
      throw place.broken(
          "rec_len of the entry at " + at, "a multiple of 4 in " + least + ".." + rest, record);
    }
    long inodeNr = DirectoryEntry.inodeNr(bytes, at);
    if (inodeNr == 0) {
      return record;
    }
    if (!groups.isInode(inodeNr)) {
      throw place.broken("inode of the entry at " + at, "1.." + groups.inodesCount(), inodeNr);
    }
    if (name == 0) {
      throw place.broken("name_len of the entry at " + at, "> 0", name);
    }
    if (plainNames) {
      checkName(bytes, at, name);
    }
    return record;
  }

  private void checkDots() throws CorruptStructureException {
    boolean dot = DirectoryEntry.isNamed(block, base, DOT);
    place.require(dot, "first entry is \".\"", "1", 0);
    long self = DirectoryEntry.inodeNr(block, base);
    place.require(self == place.inodeNr(), "inode of \".\"", Long.toString(place.inodeNr()), self);
    int record = DirectoryEntry.recordBytes(block, base, groups.blockSizeBytes());
    boolean dots = record < sizeBytes && DirectoryEntry.isNamed(block, base + record, DOT_DOT);
    place.require(dots, "second entry is \"..\"", "1", 0);
    long parent = DirectoryEntry.inodeNr(block, base + record);
    place.require(parent != 0, "inode of \"..\"", "> 0", parent);
  }

  private void checkName(byte[] bytes, int at, int nameBytes) throws CorruptStructureException {
    int from = at + DirectoryEntry.NAME_OFFSET;
    for (int i = from; i < from + nameBytes; i++) {
      if (bytes[i] == 0 || bytes[i] == '/') {
        throw place.broken("name of the entry at " + at, "no NUL, no /", bytes[i]);
      }
    }
  }
}
