package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/** The rules a list of extended attributes keeps, so that names and values lie within bounds. */
public final class XattrCheck {
  private final MemorySegment memory;
  private final long valueBase;
  private final long end;
  private final String place;

  private XattrCheck(MemorySegment memory, long valueBase, long end, String place) {
    this.memory = memory;
    this.valueBase = valueBase;
    this.end = end;
    this.place = place;
  }

  /** Checks an attribute block, its checksum included. */
  public static void checkBlock(
      MemorySegment block,
      long blockNr,
      int blockSizeBytes,
      Features features,
      MetadataChecksums checksums)
      throws CorruptStructureException {
    XattrCheck check = new XattrCheck(block, 0, blockSizeBytes, "attributes in block " + blockNr);
    check.checkMagic(0);
    check.require(
        XattrEntry.blockCount(block, 0) == 1, "h_blocks", "1", XattrEntry.blockCount(block, 0));
    check.require(
        XattrEntry.blockReferences(block, 0) > 0,
        "h_refcount",
        "> 0",
        XattrEntry.blockReferences(block, 0));
    if (checksums.enabled()) {
      int computed =
          XattrEntry.computeBlockChecksum(block, 0, blockSizeBytes, checksums.seed(), blockNr);
      int stored = XattrEntry.blockChecksum(block, 0);
      if (computed != stored) {
        throw CorruptStructureException.checksum(check.place, computed, stored);
      }
    }
    check.checkEntries(XattrEntry.BLOCK_HEADER_BYTES, features.has(Feature.EA_INODE));
  }

  /** Checks the attributes in an inode, from the first entry to where its record ends. */
  static void checkInode(
      MemorySegment memory, long first, long end, long inodeNr, Features features)
      throws CorruptStructureException {
    XattrCheck check = new XattrCheck(memory, first, end, "attributes in inode " + inodeNr);
    check.checkEntries(first, features.has(Feature.EA_INODE));
  }

  private void checkMagic(long header) throws CorruptStructureException {
    int magic = XattrEntry.magic(memory, header);
    if (magic != XattrEntry.MAGIC) {
      throw new CorruptStructureException(
          place,
          "h_magic",
          CorruptStructureException.hex(XattrEntry.MAGIC),
          CorruptStructureException.hex(magic));
    }
  }

  private void checkEntries(long first, boolean valueInodes) throws CorruptStructureException {
    long listEnd = first;
    while (true) {
      if (listEnd + Integer.BYTES > end) {
        throw broken("end of the entries", "within " + end, listEnd);
      }
      if (XattrEntry.isEnd(memory, listEnd)) {
        break;
      }
      if (listEnd + XattrEntry.NAME_OFFSET > end
          || listEnd + XattrEntry.entryBytes(memory, listEnd) > end) {
        throw broken("entry", "within " + end, listEnd);
      }
      listEnd += XattrEntry.entryBytes(memory, listEnd);
    }
    for (long at = first; at < listEnd; at += XattrEntry.entryBytes(memory, at)) {
      checkEntry(at, listEnd + Integer.BYTES, valueInodes);
    }
  }

  private void checkEntry(long entry, long valuesFrom, boolean valueInodes)
      throws CorruptStructureException {
    int index = XattrEntry.nameIndex(memory, entry);
    require(XattrName.prefix(index) != null, "e_name_index", "a known one", index);
    int nameBytes = XattrEntry.nameBytes(memory, entry);
    for (int i = 0; i < nameBytes; i++) {
      int c = LittleEndian.u8(memory, entry + XattrEntry.NAME_OFFSET + i);
      if (c == 0) {
        throw broken("byte " + i + " of e_name", "not NUL", c);
      }
    }
    long size = XattrEntry.valueBytes(memory, entry);
    long inode = XattrEntry.valueInodeNr(memory, entry);
    if (inode != 0) {
      require(valueInodes, "e_value_inum", "0 without ea_inode", inode);
      require(
          size <= XattrEntry.VALUE_MAX_BYTES,
          "e_value_size",
          "<= " + XattrEntry.VALUE_MAX_BYTES,
          size);
      return;
    }
    if (size == 0) {
      return;
    }
    long value = valueBase + XattrEntry.valueOffset(memory, entry);
    // Values are padded to 4 bytes; the padding counts towards the hash.
    long padded = (size + 3) & ~3L;
    if (value < valuesFrom || value + padded > end) {
      String room = (valuesFrom - valueBase) + ".." + (end - valueBase);
      throw broken(
          "e_value_offs", "a value of " + size + " bytes within " + room, value - valueBase);
    }
  }

  private void require(boolean holds, String predicate, String expected, long found)
      throws CorruptStructureException {
    if (!holds) {
      throw broken(predicate, expected, found);
    }
  }

  private CorruptStructureException broken(String predicate, String expected, long found) {
    return new CorruptStructureException(place, predicate, expected, Long.toString(found));
  }
}
