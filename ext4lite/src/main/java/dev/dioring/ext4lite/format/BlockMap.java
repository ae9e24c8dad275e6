package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The block map of ext2 and ext3: 32-bit block numbers, 0 for a hole.
 *
 * <pre>
 * i_block[0..11]  the first 12 blocks of the file
 * i_block[12]     a block of numbers of the next block size / 4 blocks
 * i_block[13]     a block of numbers of such blocks
 * i_block[14]     one level more
 * </pre>
 */
public final class BlockMap {
  /** Blocks that i_block names itself. */
  public static final int DIRECT = 12;

  /** Levels of the deepest part. */
  public static final int LEVELS_MAX = 3;

  /** The largest block number there is room for. */
  public static final long BLOCK_NR_MAX = 0xffff_ffffL;

  private static final int SECTOR_SHIFT = 9;

  private BlockMap() {}

  /**
   * Where the number of a file block is: in i_block for level 0, else in a node so many levels
   * below it. Reused.
   */
  public static final class Place {
    private final int perBlock;
    private final int[] indexes = new int[LEVELS_MAX + 1];
    private int levels;

    /**
     * Makes a place.
     *
     * @param perBlock {@link #numbersPerBlock}
     */
    public Place(int perBlock) {
      this.perBlock = perBlock;
    }

    /** Goes to a file block; behind the last that a map can name {@link #levels} is too large. */
    public void set(long fileBlockNr) {
      long rest = fileBlockNr;
      long covered = DIRECT;
      levels = 0;
      while (rest >= covered && levels <= LEVELS_MAX) {
        rest -= covered;
        levels++;
        covered = levels == 1 ? perBlock : covered * perBlock;
      }
      if (levels > LEVELS_MAX) {
        return;
      }
      for (int level = levels; level > 0; level--) {
        indexes[level] = (int) (rest % perBlock);
        rest /= perBlock;
      }
      indexes[0] = levels == 0 ? (int) rest : DIRECT + levels - 1;
    }

    /** Nodes on the way to the number. */
    public int levels() {
      return levels;
    }

    /** Which number to follow in i_block, for level 0, or in the node of a level below it. */
    public int index(int level) {
      return indexes[level];
    }

    /** Numbers from this one to the end of their node. */
    public int restOfNode() {
      return (levels == 0 ? DIRECT : perBlock) - indexes[levels];
    }
  }

  /**
   * The size that no file with a block map exceeds: by the levels there are, and by the room for
   * the count of its blocks, nodes included.
   *
   * @param hugeFiles whether the volume has {@link Feature#HUGE_FILE}
   */
  public static long fileBytesMax(int blockSizeBytes, boolean hugeFiles) {
    long perBlock = numbersPerBlock(blockSizeBytes);
    int shift = Integer.numberOfTrailingZeros(blockSizeBytes);
    long nodes = 1 + (1 + perBlock) + (1 + perBlock + perBlock * perBlock);
    long blocks = DIRECT + perBlock + perBlock * perBlock + perBlock * perBlock * perBlock;
    long countable = hugeFiles ? (1L << 48) - 1 : ((1L << 32) - 1) >> (shift - SECTOR_SHIFT);
    if (blocks + nodes > countable) {
      long behindDouble = Math.max(0, countable - DIRECT - perBlock - perBlock * perBlock);
      blocks =
          countable
              - (1 + 1 + perBlock)
              - (1
                  + Math.ceilDiv(behindDouble, perBlock)
                  + Math.ceilDiv(behindDouble, perBlock * perBlock));
    }
    return blocks << shift;
  }

  /** Numbers in one block. */
  public static int numbersPerBlock(int blockSizeBytes) {
    return blockSizeBytes / Integer.BYTES;
  }

  /** Number {@code index} of the map at {@code base}. */
  public static long blockNr(MemorySegment map, long base, int index) {
    return LittleEndian.u32(map, base + (long) Integer.BYTES * index);
  }

  public static void blockNr(MemorySegment map, long base, int index, long blockNr) {
    LittleEndian.put32(map, base + (long) Integer.BYTES * index, blockNr);
  }

  /** Checks that a block of numbers leads nowhere but to blocks of the volume. */
  public static void check(MemorySegment map, DataBlocks dataBlocks, long inodeNr, long blockNr)
      throws CorruptStructureException {
    int count = numbersPerBlock(dataBlocks.groups().blockSizeBytes());
    for (int i = 0; i < count; i++) {
      long number = blockNr(map, 0, i);
      if (number != 0 && !dataBlocks.contains(number, 1, inodeNr)) {
        throw new CorruptStructureException(
            "block map of inode " + inodeNr + " in block " + blockNr,
            "number " + i,
            "0 or " + dataBlocks.rule(),
            Long.toString(number));
      }
    }
  }
}
