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

  private BlockMap() {}

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
