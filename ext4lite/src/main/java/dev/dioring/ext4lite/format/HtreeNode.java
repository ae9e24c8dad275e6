package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * An index block of a hashed directory. To code that knows no index it is a block of unused space.
 *
 * <pre>
 * root: 00 entry "."   0c entry ".." with the rest of the block as its record
 *       18 reserved 0  1c hash_version, info_length 8, indirect_levels, flags
 *       20 table
 * node: 00 entry with inode 0 and the whole block as its record
 *       08 table
 * table: limit|count, block   hash, block   hash, block ...   tail: 0, checksum
 * </pre>
 *
 * <p>Entry i covers hashes from its own up to that of the next; entry 0 covers from 0 and keeps
 * limit and count where its hash would be. A set lowest bit of a hash says that names of that hash
 * already started in the block before. Block numbers are those of the directory file.
 */
public final class HtreeNode {
  /** Where the table of the root starts. */
  public static final int ROOT_TABLE_OFFSET = 0x20;

  /** Where the table of a node below the root starts. */
  public static final int NODE_TABLE_OFFSET = 0x08;

  /** Marks a hash whose names continue from the block before. */
  public static final long CONTINUED = 1;

  private static final int ENTRY_BYTES = 8;
  private static final int TAIL_CHECKSUM_OFFSET = 4;
  private static final long BLOCK_MASK = 0x0fff_ffff;
  private static final int INFO_OFFSET = 0x18;
  private static final int INFO_BYTES = 8;
  private static final int LEVELS_MAX = 2;
  private static final int LEVELS_MAX_LARGE = 3;

  private HtreeNode() {}

  /** Hash function of the names, without its signedness. */
  public static int hashVersion(MemorySegment root, long base) {
    return LittleEndian.u8(root, base + 0x1c);
  }

  /** Index levels below the root. */
  public static int indirectLevels(MemorySegment root, long base) {
    return LittleEndian.u8(root, base + 0x1e);
  }

  /** Number of entries in use, the first one included. */
  public static int count(MemorySegment block, long table) {
    return LittleEndian.u16(block, table + 2);
  }

  /** Number of entries there is room for. */
  public static int limit(MemorySegment block, long table) {
    return LittleEndian.u16(block, table);
  }

  /** Lowest hash of an entry, {@link #CONTINUED} included; 0 for the first. */
  public static long hash(MemorySegment block, long table, int index) {
    return index == 0 ? 0 : LittleEndian.u32(block, table + (long) ENTRY_BYTES * index);
  }

  /** Block of the directory an entry leads to. */
  public static long fileBlockNr(MemorySegment block, long table, int index) {
    return LittleEndian.u32(block, table + (long) ENTRY_BYTES * index + 4) & BLOCK_MASK;
  }

  /** The last entry whose hash is at or below {@code hash}. */
  public static int search(MemorySegment block, long table, long hash) {
    int low = 1;
    int high = count(block, table) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (hash(block, table, middle) > hash) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return low - 1;
  }

  /** Checks the root's header and table. */
  public static void checkRoot(
      MemorySegment root,
      long base,
      int blockSizeBytes,
      boolean checksummed,
      boolean largeDirectories,
      DirectoryPlace place)
      throws CorruptStructureException {
    long reserved = LittleEndian.u32(root, base + INFO_OFFSET);
    place.require(reserved == 0, "dx_root reserved_zero", "0", reserved);
    int info = LittleEndian.u8(root, base + 0x1d);
    place.require(info == INFO_BYTES, "dx_root info_length", "8", info);
    int flags = LittleEndian.u8(root, base + 0x1f);
    place.require((flags & 1) == 0, "dx_root unused_flags", "even", flags);
    int levels = indirectLevels(root, base);
    int max = largeDirectories ? LEVELS_MAX_LARGE : LEVELS_MAX;
    place.require(levels < max, "dx_root indirect_levels", "< " + max, levels);
    checkTable(root, base, base + ROOT_TABLE_OFFSET, blockSizeBytes, checksummed, place);
  }

  /** Whether there is a table that fills the block, but for a checksum perhaps. */
  static boolean isTable(MemorySegment block, long table, int blockSizeBytes) {
    int room = (int) (blockSizeBytes - table) / ENTRY_BYTES;
    int limit = limit(block, table);
    return limit == room || limit == room - 1;
  }

  /** Checks the table of the root or of a node. */
  public static void checkTable(
      MemorySegment block,
      long base,
      long table,
      int blockSizeBytes,
      boolean checksummed,
      DirectoryPlace place)
      throws CorruptStructureException {
    int room = (int) (base + blockSizeBytes - table) / ENTRY_BYTES - (checksummed ? 1 : 0);
    int limit = limit(block, table);
    place.require(limit == room, "dx limit", Integer.toString(room), limit);
    int count = count(block, table);
    place.require(count >= 1 && count <= limit, "dx count", "1.." + limit, count);
    long before = 0;
    for (int i = 1; i < count; i++) {
      long hash = hash(block, table, i);
      if (hash < before) {
        throw place.broken("dx hash of entry " + i + " not below", ">= " + before, hash);
      }
      before = hash;
    }
  }

  /** The stored checksum of an index block. */
  public static int checksum(MemorySegment block, long table) {
    return LittleEndian.i32(block, tail(block, table) + TAIL_CHECKSUM_OFFSET);
  }

  /** The checksum of the content of an index block: what is in use, then the tail. */
  public static int computeChecksum(MemorySegment block, long base, long table, int inodeSeed) {
    long used = table - base + (long) ENTRY_BYTES * count(block, table);
    int crc = Crc32c.update(inodeSeed, block, base, used);
    crc = Crc32c.updateInt(crc, LittleEndian.i32(block, tail(block, table)));
    return Crc32c.updateZeroes(crc, Integer.BYTES);
  }

  /** Stores the checksum of an index block that is a whole block. */
  public static void updateChecksum(MemorySegment block, long table, int inodeSeed) {
    long at = tail(block, table) + TAIL_CHECKSUM_OFFSET;
    LittleEndian.put32(block, at, computeChecksum(block, 0, table, inodeSeed));
  }

  /** Writes the header of a root behind its dots, with an index that leads to one block. */
  public static void writeRoot(
      MemorySegment root, int hashVersion, int blockSizeBytes, boolean checksummed, long block) {
    LittleEndian.put32(root, INFO_OFFSET, 0);
    LittleEndian.put8(root, 0x1c, hashVersion);
    LittleEndian.put8(root, 0x1d, INFO_BYTES);
    LittleEndian.put8(root, 0x1e, 0);
    LittleEndian.put8(root, 0x1f, 0);
    writeTable(root, ROOT_TABLE_OFFSET, blockSizeBytes, checksummed, 1);
    fileBlockNr(root, ROOT_TABLE_OFFSET, 0, block);
  }

  /** Writes the limit and count of a table. */
  public static void writeTable(
      MemorySegment block, int table, int blockSizeBytes, boolean checksummed, int count) {
    int room = (blockSizeBytes - table) / ENTRY_BYTES - (checksummed ? 1 : 0);
    LittleEndian.put16(block, table, room);
    LittleEndian.put16(block, table + 2L, count);
  }

  public static void storeIndirectLevels(MemorySegment root, int levels) {
    LittleEndian.put8(root, 0x1e, levels);
  }

  /** Most levels of an index, the root not counted. */
  public static int indirectLevelsMax(boolean largeDirectories) {
    return (largeDirectories ? LEVELS_MAX_LARGE : LEVELS_MAX) - 1;
  }

  public static void count(MemorySegment block, long table, int count) {
    LittleEndian.put16(block, table + 2, count);
  }

  public static void fileBlockNr(MemorySegment block, long table, int index, long fileBlockNr) {
    LittleEndian.put32(block, table + (long) ENTRY_BYTES * index + 4, fileBlockNr);
  }

  /** Inserts an entry in front of entry {@code index}, which is not the first. */
  public static void insert(
      MemorySegment block, long table, int index, long hash, long fileBlockNr) {
    int count = count(block, table);
    long at = table + (long) ENTRY_BYTES * index;
    MemorySegment.copy(block, at, block, at + ENTRY_BYTES, (long) ENTRY_BYTES * (count - index));
    LittleEndian.put32(block, at, hash);
    LittleEndian.put32(block, at + 4, fileBlockNr);
    count(block, table, count + 1);
  }

  /** Copies entries from {@code from} on to the start of another table, whose count they become. */
  public static void copyEntries(
      MemorySegment source, long sourceTable, int from, MemorySegment target, long targetTable) {
    int entries = count(source, sourceTable) - from;
    // The first entry's hash gives way to limit and count, which are the table's own.
    fileBlockNr(target, targetTable, 0, fileBlockNr(source, sourceTable, from));
    MemorySegment.copy(
        source,
        sourceTable + (long) ENTRY_BYTES * (from + 1),
        target,
        targetTable + ENTRY_BYTES,
        (long) ENTRY_BYTES * (entries - 1));
    count(target, targetTable, entries);
  }

  private static long tail(MemorySegment block, long table) {
    return table + (long) ENTRY_BYTES * limit(block, table);
  }
}
