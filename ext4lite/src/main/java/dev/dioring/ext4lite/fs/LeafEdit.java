package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.ExtentNode;
import java.lang.foreign.MemorySegment;

/**
 * A change of one leaf: some of its adjacent entries give way to up to three others. Computed
 * first, applied if it fits. Reused.
 */
final class LeafEdit {
  private static final int PIECES_MAX = 3;

  private final long[] fileBlockNrs = new long[PIECES_MAX];
  private final int[] lengthsBlocks = new int[PIECES_MAX];
  private final long[] startBlockNrs = new long[PIECES_MAX];
  private final boolean[] unwritten = new boolean[PIECES_MAX];
  private int pieces;

  /** Entries from {@code from} up to {@code to}, exclusive, are replaced. */
  private int from;

  private int to;

  /** Part of the unwritten extent {@code index} becomes written and merges with its neighbours. */
  void convert(MemorySegment leaf, long base, int index, long start, long end) {
    long first = ExtentNode.fileBlockNr(leaf, base, index);
    int length = ExtentNode.lengthBlocks(leaf, base, index);
    long block = ExtentNode.startBlockNr(leaf, base, index);
    pieces = 0;
    from = index;
    to = index + 1;
    if (first < start) {
      add(first, (int) (start - first), block, true);
    } else {
      takePrevious(leaf, base, index, start, block, (int) (end - start), false);
    }
    grow(start, (int) (end - start), block + (start - first), false);
    if (end < first + length) {
      add(end, (int) (first + length - end), block + (end - first), true);
    } else {
      takeNext(leaf, base, index + 1, false);
    }
  }

  /** A new extent behind entry {@code index}, merged with its neighbours. */
  void insert(
      MemorySegment leaf,
      long base,
      int index,
      long fileBlockNr,
      int lengthBlocks,
      long startBlockNr,
      boolean isUnwritten) {
    pieces = 0;
    from = index + 1;
    to = index + 1;
    takePrevious(leaf, base, index + 1, fileBlockNr, startBlockNr, lengthBlocks, isUnwritten);
    grow(fileBlockNr, lengthBlocks, startBlockNr, isUnwritten);
    takeNext(leaf, base, index + 1, isUnwritten);
  }

  /** Part of the extent {@code index} becomes a hole. */
  void cut(MemorySegment leaf, long base, int index, long start, long end) {
    long first = ExtentNode.fileBlockNr(leaf, base, index);
    int length = ExtentNode.lengthBlocks(leaf, base, index);
    long block = ExtentNode.startBlockNr(leaf, base, index);
    boolean isUnwritten = ExtentNode.unwritten(leaf, base, index);
    pieces = 0;
    from = index;
    to = index + 1;
    if (first < start) {
      add(first, (int) (start - first), block, isUnwritten);
    }
    if (end < first + length) {
      add(end, (int) (first + length - end), block + (end - first), isUnwritten);
    }
  }

  /** The extent {@code index} becomes two, the second of which starts at a block. */
  void split(MemorySegment leaf, long base, int index, long at) {
    cut(leaf, base, index, at, at);
  }

  boolean fits(MemorySegment leaf, long base) {
    int entries = ExtentNode.entries(leaf, base) + pieces - (to - from);
    return entries <= ExtentNode.max(leaf, base);
  }

  void apply(MemorySegment leaf, long base) {
    int entries = ExtentNode.entries(leaf, base);
    ExtentNode.moveEntries(leaf, base, to, from + pieces, entries - to);
    for (int i = 0; i < pieces; i++) {
      ExtentNode.leaf(
          leaf, base, from + i, fileBlockNrs[i], lengthsBlocks[i], startBlockNrs[i], unwritten[i]);
    }
    ExtentNode.entries(leaf, base, entries + pieces - (to - from));
  }

  /** Takes the entry before {@code index} in as the first piece if what follows continues it. */
  private void takePrevious(
      MemorySegment leaf,
      long base,
      int index,
      long fileBlockNr,
      long startBlockNr,
      int lengthBlocks,
      boolean isUnwritten) {
    int previous = index - 1;
    if (previous < 0 || ExtentNode.unwritten(leaf, base, previous) != isUnwritten) {
      return;
    }
    long first = ExtentNode.fileBlockNr(leaf, base, previous);
    int length = ExtentNode.lengthBlocks(leaf, base, previous);
    long block = ExtentNode.startBlockNr(leaf, base, previous);
    if (first + length == fileBlockNr
        && block + length == startBlockNr
        && length + lengthBlocks <= lengthMax(isUnwritten)) {
      add(first, length, block, isUnwritten);
      from--;
    }
  }

  /** Takes the entry {@code next} in if it continues the last piece. */
  private void takeNext(MemorySegment leaf, long base, int next, boolean isUnwritten) {
    if (next >= ExtentNode.entries(leaf, base)
        || ExtentNode.unwritten(leaf, base, next) != isUnwritten) {
      return;
    }
    int last = pieces - 1;
    int length = ExtentNode.lengthBlocks(leaf, base, next);
    if (fileBlockNrs[last] + lengthsBlocks[last] == ExtentNode.fileBlockNr(leaf, base, next)
        && startBlockNrs[last] + lengthsBlocks[last] == ExtentNode.startBlockNr(leaf, base, next)
        && lengthsBlocks[last] + length <= lengthMax(isUnwritten)) {
      lengthsBlocks[last] += length;
      to++;
    }
  }

  /** Adds a piece, or lengthens the one that {@link #takePrevious} put before it. */
  private void grow(long fileBlockNr, int lengthBlocks, long startBlockNr, boolean isUnwritten) {
    int last = pieces - 1;
    if (last >= 0 && unwritten[last] == isUnwritten) {
      lengthsBlocks[last] += lengthBlocks;
    } else {
      add(fileBlockNr, lengthBlocks, startBlockNr, isUnwritten);
    }
  }

  private void add(long fileBlockNr, int lengthBlocks, long startBlockNr, boolean isUnwritten) {
    fileBlockNrs[pieces] = fileBlockNr;
    lengthsBlocks[pieces] = lengthBlocks;
    startBlockNrs[pieces] = startBlockNr;
    unwritten[pieces] = isUnwritten;
    pieces++;
  }

  private static int lengthMax(boolean isUnwritten) {
    return isUnwritten ? ExtentNode.UNWRITTEN_BLOCKS_MAX : ExtentNode.WRITTEN_BLOCKS_MAX;
  }
}
