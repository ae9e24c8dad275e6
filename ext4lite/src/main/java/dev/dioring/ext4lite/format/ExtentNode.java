package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * A node of an extent tree: a 12-byte header and 12-byte entries, in i_block (the root, 4 entries)
 * or in a block, where a checksum stands behind the last entry there is room for.
 *
 * <pre>
 *         00                    04                  08
 * header  magic f30a|entries    max|depth           generation
 * leaf    file block            length|start_hi     start_lo        depth 0
 * index   file block            child_lo            child_hi|-      depth 1 to 5
 * tail    checksum
 * </pre>
 *
 * <p>A length above 32768 marks an unwritten extent of that much less: allocated blocks whose
 * content must not be read.
 */
public final class ExtentNode {
  public static final int MAGIC = 0xf30a;
  public static final int HEADER_BYTES = 12;
  public static final int ENTRY_BYTES = 12;
  public static final int TAIL_BYTES = 4;

  /** Entries that fit i_block. */
  public static final int ROOT_ENTRIES_MAX = 4;

  /** Deepest tree there can be. */
  public static final int DEPTH_MAX = 5;

  /** Longest written extent, in blocks. */
  public static final int WRITTEN_BLOCKS_MAX = 1 << 15;

  /** Longest unwritten extent, in blocks. */
  public static final int UNWRITTEN_BLOCKS_MAX = WRITTEN_BLOCKS_MAX - 1;

  /** File blocks are numbered below this. */
  public static final long FILE_BLOCKS_MAX = 1L << 32;

  private static final int SECTOR_SHIFT = 9;

  private ExtentNode() {}

  /**
   * The size that no file with extents exceeds: by the numbers of its blocks, and by the room for
   * the count of them.
   *
   * @param hugeFiles whether the volume has {@link Feature#HUGE_FILE}
   */
  public static long fileBytesMax(int blockSizeBytes, boolean hugeFiles) {
    int shift = Integer.numberOfTrailingZeros(blockSizeBytes);
    long countable = hugeFiles ? FILE_BLOCKS_MAX - 1 : ((1L << 32) - 1) >> (shift - SECTOR_SHIFT);
    return Math.min(FILE_BLOCKS_MAX - 1, countable) << shift;
  }

  public static int magic(MemorySegment node, long base) {
    return LittleEndian.u16(node, base);
  }

  /** Number of entries in use. */
  public static int entries(MemorySegment node, long base) {
    return LittleEndian.u16(node, base + 2);
  }

  public static void entries(MemorySegment node, long base, int entries) {
    LittleEndian.put16(node, base + 2, entries);
  }

  /** Number of entries there is room for. */
  public static int max(MemorySegment node, long base) {
    return LittleEndian.u16(node, base + 4);
  }

  /** Levels below this node; 0 for a leaf. */
  public static int depth(MemorySegment node, long base) {
    return LittleEndian.u16(node, base + 6);
  }

  public static int generation(MemorySegment node, long base) {
    return LittleEndian.i32(node, base + 8);
  }

  /** Writes a header. */
  public static void header(
      MemorySegment node, long base, int entries, int max, int depth, int generation) {
    LittleEndian.put16(node, base, MAGIC);
    LittleEndian.put16(node, base + 2, entries);
    LittleEndian.put16(node, base + 4, max);
    LittleEndian.put16(node, base + 6, depth);
    LittleEndian.put32(node, base + 8, generation);
  }

  /** Entries that fit a node which is a block. */
  public static int blockEntriesMax(int blockSizeBytes) {
    return (blockSizeBytes - HEADER_BYTES) / ENTRY_BYTES;
  }

  /** Offset of entry {@code index} from the start of the node. */
  public static long entryOffset(int index) {
    return HEADER_BYTES + (long) ENTRY_BYTES * index;
  }

  /** First file block of an entry, of a leaf and of an index alike. */
  public static long fileBlockNr(MemorySegment node, long base, int index) {
    return LittleEndian.u32(node, base + entryOffset(index));
  }

  public static void fileBlockNr(MemorySegment node, long base, int index, long fileBlockNr) {
    LittleEndian.put32(node, base + entryOffset(index), fileBlockNr);
  }

  /** Blocks of a leaf entry, without the unwritten mark. */
  public static int lengthBlocks(MemorySegment node, long base, int index) {
    int length = rawLength(node, base, index);
    return length > WRITTEN_BLOCKS_MAX ? length - WRITTEN_BLOCKS_MAX : length;
  }

  public static boolean unwritten(MemorySegment node, long base, int index) {
    return rawLength(node, base, index) > WRITTEN_BLOCKS_MAX;
  }

  /** First block on the volume of a leaf entry. */
  public static long startBlockNr(MemorySegment node, long base, int index) {
    long at = base + entryOffset(index);
    return LittleEndian.u32(node, at + 8) | (long) LittleEndian.u16(node, at + 6) << 32;
  }

  /** Sets the length of a leaf entry, which must fit its state. */
  public static void length(
      MemorySegment node, long base, int index, int lengthBlocks, boolean unwritten) {
    assert lengthBlocks > 0
        && lengthBlocks <= (unwritten ? UNWRITTEN_BLOCKS_MAX : WRITTEN_BLOCKS_MAX);
    int raw = unwritten ? lengthBlocks + WRITTEN_BLOCKS_MAX : lengthBlocks;
    LittleEndian.put16(node, base + entryOffset(index) + 4, raw);
  }

  /** Writes a whole leaf entry. */
  public static void leaf(
      MemorySegment node,
      long base,
      int index,
      long fileBlockNr,
      int lengthBlocks,
      long startBlockNr,
      boolean unwritten) {
    long at = base + entryOffset(index);
    LittleEndian.put32(node, at, fileBlockNr);
    length(node, base, index, lengthBlocks, unwritten);
    LittleEndian.put16(node, at + 6, (int) (startBlockNr >>> 32));
    LittleEndian.put32(node, at + 8, startBlockNr);
  }

  /** Block on the volume of the node an index entry leads to. */
  public static long childBlockNr(MemorySegment node, long base, int index) {
    long at = base + entryOffset(index);
    return LittleEndian.u32(node, at + 4) | (long) LittleEndian.u16(node, at + 8) << 32;
  }

  /** Writes a whole index entry. */
  public static void index(
      MemorySegment node, long base, int index, long fileBlockNr, long childBlockNr) {
    long at = base + entryOffset(index);
    LittleEndian.put32(node, at, fileBlockNr);
    LittleEndian.put32(node, at + 4, childBlockNr);
    LittleEndian.put16(node, at + 8, (int) (childBlockNr >>> 32));
    LittleEndian.put16(node, at + 10, 0);
  }

  /** Moves {@code count} entries of one node, which may overlap. */
  public static void moveEntries(MemorySegment node, long base, int from, int to, int count) {
    copyEntries(node, base, from, node, base, to, count);
  }

  /** Copies {@code count} entries between nodes. */
  public static void copyEntries(
      MemorySegment source,
      long sourceBase,
      int from,
      MemorySegment target,
      long targetBase,
      int to,
      int count) {
    MemorySegment.copy(
        source,
        sourceBase + entryOffset(from),
        target,
        targetBase + entryOffset(to),
        (long) ENTRY_BYTES * count);
  }

  /**
   * The last entry that starts at or before a file block: the one that covers it, if any does.
   *
   * @return its index, or -1 if all start behind the block
   */
  public static int search(MemorySegment node, long base, long fileBlockNr) {
    int low = 0;
    int high = entries(node, base) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (fileBlockNr(node, base, middle) <= fileBlockNr) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** The stored checksum of a node that is a block. */
  public static int checksum(MemorySegment node, long base) {
    return LittleEndian.i32(node, base + entryOffset(max(node, base)));
  }

  /** The checksum of the content of a node that is a block. */
  public static int computeChecksum(MemorySegment node, long base, int inodeSeed) {
    return Crc32c.update(inodeSeed, node, base, entryOffset(max(node, base)));
  }

  /** Stores the checksum of a node that is a block, if the volume has metadata checksums. */
  public static void updateChecksum(
      MemorySegment node, long base, MetadataChecksums checksums, int inodeSeed) {
    if (checksums.enabled()) {
      LittleEndian.put32(
          node, base + entryOffset(max(node, base)), computeChecksum(node, base, inodeSeed));
    }
  }

  private static int rawLength(MemorySegment node, long base, int index) {
    return LittleEndian.u16(node, base + entryOffset(index) + 4);
  }
}
