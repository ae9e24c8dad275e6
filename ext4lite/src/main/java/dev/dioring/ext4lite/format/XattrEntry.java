package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * Extended attributes: a list of entries, ended by four zero bytes, and values behind it. They lie
 * behind the fields of a large inode, after a magic number, and in a block of their own, after a
 * header.
 *
 * <pre>
 * entry  00 name_len|name_index|value_offs   value_inum   value_size   hash   10 name
 * block  00 magic ea020000   refcount   blocks (1)   hash   checksum   reserved[3]   20 entries
 * inode  00 magic ea020000   04 entries, see XattrSpace
 * </pre>
 *
 * <p>Value offsets count from the start of the block, or from the first entry in an inode. With
 * ea_inode a value may be the content of an inode of its own.
 */
public final class XattrEntry {
  public static final int MAGIC = 0xea02_0000;

  /** Size of the header of a block. */
  public static final int BLOCK_HEADER_BYTES = 32;

  /** Largest value, which only an inode of its own can hold. */
  public static final long VALUE_MAX_BYTES = 1 << 16;

  /** Longest name without its prefix. */
  public static final int NAME_MAX_BYTES = 255;

  static final int NAME_OFFSET = 16;
  private static final int BLOCK_HASH_SHIFT = 16;
  private static final int CHECKSUM_OFFSET = 16;

  private XattrEntry() {}

  /** The magic number of a block's or an inode's header. */
  public static int magic(MemorySegment memory, long header) {
    return LittleEndian.i32(memory, header);
  }

  /** Inodes that share a block. */
  public static long blockReferences(MemorySegment block, long header) {
    return LittleEndian.u32(block, header + 4);
  }

  public static void blockReferences(MemorySegment block, long header, long references) {
    LittleEndian.put32(block, header + 4, references);
  }

  /** Stores the checksum of a block, if the volume has metadata checksums. */
  public static void updateBlockChecksum(
      MemorySegment block,
      long header,
      int blockSizeBytes,
      MetadataChecksums checksums,
      long blockNr) {
    if (checksums.enabled()) {
      int crc = computeBlockChecksum(block, header, blockSizeBytes, checksums.seed(), blockNr);
      LittleEndian.put32(block, header + CHECKSUM_OFFSET, crc);
    }
  }

  static long blockCount(MemorySegment block, long header) {
    return LittleEndian.u32(block, header + 8);
  }

  static int blockChecksum(MemorySegment block, long header) {
    return LittleEndian.i32(block, header + CHECKSUM_OFFSET);
  }

  /** The checksum of a block's content. */
  static int computeBlockChecksum(
      MemorySegment block, long header, int blockSizeBytes, int seed, long blockNr) {
    int crc = Crc32c.updateLong(seed, blockNr);
    crc = Crc32c.update(crc, block, header, CHECKSUM_OFFSET);
    crc = Crc32c.updateZeroes(crc, Integer.BYTES);
    int from = CHECKSUM_OFFSET + Integer.BYTES;
    return Crc32c.update(crc, block, header + from, blockSizeBytes - from);
  }

  /** Writes the header of a block that one inode refers to; entries and checksum come after. */
  public static void writeBlockHeader(MemorySegment block) {
    LittleEndian.put32(block, 0, MAGIC);
    LittleEndian.put32(block, 4, 1);
    LittleEndian.put32(block, 8, 1);
  }

  /** Stores the hash of a block's entries; 0 if one of them has none. */
  public static void updateBlockHash(MemorySegment block) {
    int hash = 0;
    long entry = BLOCK_HEADER_BYTES;
    while (!isEnd(block, entry)) {
      int own = hash(block, entry);
      if (own == 0) {
        hash = 0;
        break;
      }
      hash = Integer.rotateLeft(hash, BLOCK_HASH_SHIFT) ^ own;
      entry += entryBytes(block, entry);
    }
    LittleEndian.put32(block, 12, hash);
  }

  /** Writes an entry without its hash. */
  public static void write(
      MemorySegment memory,
      long entry,
      int nameIndex,
      byte[] name,
      int valueOffset,
      long valueInodeNr,
      long valueBytes) {
    LittleEndian.put8(memory, entry, name.length);
    LittleEndian.put8(memory, entry + 1, nameIndex);
    LittleEndian.put16(memory, entry + 2, valueOffset);
    LittleEndian.put32(memory, entry + 4, valueInodeNr);
    LittleEndian.put32(memory, entry + 8, valueBytes);
    LittleEndian.put32(memory, entry + 12, 0);
    MemorySegment.copy(MemorySegment.ofArray(name), 0, memory, entry + NAME_OFFSET, name.length);
  }

  public static void hash(MemorySegment memory, long entry, int hash) {
    LittleEndian.put32(memory, entry + 12, hash);
  }

  /** Size of an entry with a name of this length. */
  public static int entryBytesFor(int nameBytes) {
    return (NAME_OFFSET + nameBytes + 3) & ~3;
  }

  /** Whether the list ends here. */
  public static boolean isEnd(MemorySegment memory, long entry) {
    return LittleEndian.i32(memory, entry) == 0;
  }

  public static int nameBytes(MemorySegment memory, long entry) {
    return LittleEndian.u8(memory, entry);
  }

  /** What the name starts with, see {@link XattrName}. */
  public static int nameIndex(MemorySegment memory, long entry) {
    return LittleEndian.u8(memory, entry + 1);
  }

  /** Where the value lies, unless it has an inode of its own. */
  public static int valueOffset(MemorySegment memory, long entry) {
    return LittleEndian.u16(memory, entry + 2);
  }

  /** The inode that holds the value, or 0. */
  public static long valueInodeNr(MemorySegment memory, long entry) {
    return LittleEndian.u32(memory, entry + 4);
  }

  public static long valueBytes(MemorySegment memory, long entry) {
    return LittleEndian.u32(memory, entry + 8);
  }

  /** The stored hash of name and value; 0 for none. */
  public static int hash(MemorySegment memory, long entry) {
    return LittleEndian.i32(memory, entry + 12);
  }

  /** The name without what its index stands for. */
  public static byte[] name(MemorySegment memory, long entry) {
    return LittleEndian.bytes(memory, entry + NAME_OFFSET, nameBytes(memory, entry));
  }

  /** Size of the entry, which leads to the next. */
  public static int entryBytes(MemorySegment memory, long entry) {
    return (NAME_OFFSET + nameBytes(memory, entry) + 3) & ~3;
  }
}
