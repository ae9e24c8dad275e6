package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The blocks of a quota file of version 2, revision 1: what owners of one kind occupy, and may.
 * They have 1024 bytes, whatever the volume's have, and are counted from the file's start.
 *
 * <pre>
 * block 0            data block                        entry, 72 bytes
 * 00 magic           00 next with free entries         00 id, padding
 * 04 version         04 previous one                   08 hard limit, 10 soft limit, inodes
 * 08 grace, blocks   08 entries in use                 18 inodes
 * 0c grace, inodes   10 14 entries                     20 hard limit, 28 soft limit, KiB
 * 10 flags                                             30 bytes
 * 14 blocks          block 1 and others of the tree    38 end of grace, space
 * 18 free block      00 256 numbers of blocks, by      40 end of grace, inodes
 * 1c free entry         a byte of the id, 0 for none
 * </pre>
 *
 * <p>The tree has four levels, for the bytes of an id from the highest on; its leaves are the data
 * blocks. An entry of zeros is not in use.
 */
public final class QuotaBlock {
  public static final int SIZE_BYTES = 1024;
  public static final int VERSION = 1;
  public static final int ROOT_BLOCK = 1;
  public static final int LEVELS = 4;
  public static final int ENTRY_BYTES = 72;
  public static final int ENTRIES = 14;

  /** Unit of the limits of space. */
  public static final int SPACE_UNIT_BYTES = 1024;

  private static final int ENTRIES_OFFSET = 16;

  private QuotaBlock() {}

  public static int magic(MemorySegment file, long base) {
    return LittleEndian.i32(file, base);
  }

  public static int version(MemorySegment file, long base) {
    return LittleEndian.i32(file, base + 0x04);
  }

  /** How long the soft limit may be exceeded: of space, or of inodes. */
  public static long graceSeconds(MemorySegment file, long base, boolean ofSpace) {
    return LittleEndian.u32(file, base + (ofSpace ? 0x08 : 0x0c));
  }

  /** Blocks of the file. */
  public static long blocks(MemorySegment file, long base) {
    return LittleEndian.u32(file, base + 0x14);
  }

  public static void blocks(MemorySegment file, long base, long count) {
    LittleEndian.put32(file, base + 0x14, count);
  }

  /** First of the blocks that are not in use, linked by {@link #next}; 0 for none. */
  public static long freeBlock(MemorySegment file, long base) {
    return LittleEndian.u32(file, base + 0x18);
  }

  public static void freeBlock(MemorySegment file, long base, long block) {
    LittleEndian.put32(file, base + 0x18, block);
  }

  /** First of the data blocks with room for an entry, linked both ways; 0 for none. */
  public static long freeEntry(MemorySegment file, long base) {
    return LittleEndian.u32(file, base + 0x1c);
  }

  public static void freeEntry(MemorySegment file, long base, long block) {
    LittleEndian.put32(file, base + 0x1c, block);
  }

  /** Where a block of the tree refers to for an id: a block, or 0. */
  public static long reference(MemorySegment tree, long base, int level, long id) {
    return LittleEndian.u32(tree, base + referenceOffset(level, id));
  }

  public static void reference(MemorySegment tree, long base, int level, long id, long block) {
    LittleEndian.put32(tree, base + referenceOffset(level, id), block);
  }

  private static long referenceOffset(int level, long id) {
    int shift = Byte.SIZE * (LEVELS - 1 - level);
    return ((id >>> shift) & 0xff) * Integer.BYTES;
  }

  public static long next(MemorySegment data, long base) {
    return LittleEndian.u32(data, base);
  }

  public static void next(MemorySegment data, long base, long block) {
    LittleEndian.put32(data, base, block);
  }

  public static void previous(MemorySegment data, long base, long block) {
    LittleEndian.put32(data, base + 0x04, block);
  }

  public static int entriesInUse(MemorySegment data, long base) {
    return LittleEndian.u16(data, base + 0x08);
  }

  public static void entriesInUse(MemorySegment data, long base, int count) {
    LittleEndian.put16(data, base + 0x08, count);
  }

  /** Where an entry of a data block starts. */
  public static long entry(long base, int index) {
    return base + ENTRIES_OFFSET + (long) index * ENTRY_BYTES;
  }

  public static boolean isInUse(MemorySegment data, long entry) {
    for (int at = 0; at < ENTRY_BYTES; at += Long.BYTES) {
      if (LittleEndian.i64(data, entry + at) != 0) {
        return true;
      }
    }
    return false;
  }

  public static long id(MemorySegment data, long entry) {
    return LittleEndian.u32(data, entry);
  }

  public static void id(MemorySegment data, long entry, long id) {
    LittleEndian.put32(data, entry, id);
  }

  /** The hard or the soft limit, in {@link #SPACE_UNIT_BYTES} or in inodes; 0 for none. */
  public static long limit(MemorySegment data, long entry, boolean ofSpace, boolean hard) {
    return LittleEndian.i64(data, entry + (ofSpace ? 0x20 : 0x08) + (hard ? 0 : Long.BYTES));
  }

  /** What is in use, in bytes or inodes. */
  public static long usage(MemorySegment data, long entry, boolean ofSpace) {
    return LittleEndian.i64(data, entry + (ofSpace ? 0x30 : 0x18));
  }

  public static void usage(MemorySegment data, long entry, boolean ofSpace, long amount) {
    LittleEndian.put64(data, entry + (ofSpace ? 0x30 : 0x18), amount);
  }

  /** When the time to exceed the soft limit ends, in seconds since 1970; 0 if it is not running. */
  public static long graceEndSeconds(MemorySegment data, long entry, boolean ofSpace) {
    return LittleEndian.i64(data, entry + (ofSpace ? 0x38 : 0x40));
  }

  public static void graceEndSeconds(
      MemorySegment data, long entry, boolean ofSpace, long seconds) {
    LittleEndian.put64(data, entry + (ofSpace ? 0x38 : 0x40), seconds);
  }
}
