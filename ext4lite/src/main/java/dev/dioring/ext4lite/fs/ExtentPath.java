package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.ExtentNode;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The nodes from the root of an extent tree to one leaf, and the entry followed in each. Level 0 is
 * the root. Reused; holds a pin on each node that is a block.
 */
final class ExtentPath implements AutoCloseable {
  private static final int LEVELS_MAX = ExtentNode.DEPTH_MAX + 1;

  private final MemorySegment[] nodes = new MemorySegment[LEVELS_MAX];
  private final long[] bases = new long[LEVELS_MAX];
  private final int[] indexes = new int[LEVELS_MAX];
  private final @Nullable MetadataBuffer[] buffers = new @Nullable MetadataBuffer[LEVELS_MAX];
  private int levels;

  /** First file block behind what the leaf is responsible for. */
  private long endFileBlockNr;

  /** Starts anew with the root. */
  void begin(MemorySegment memory, long base) {
    close();
    nodes[0] = memory;
    bases[0] = base;
    levels = 1;
    endFileBlockNr = ExtentNode.FILE_BLOCKS_MAX;
  }

  /** Goes down to a node, whose pin the path takes over. */
  void push(MetadataBuffer buffer) {
    nodes[levels] = buffer.data();
    bases[levels] = 0;
    buffers[levels] = buffer;
    levels++;
  }

  int levels() {
    return levels;
  }

  int leafLevel() {
    return levels - 1;
  }

  MemorySegment node(int level) {
    return nodes[level];
  }

  long base(int level) {
    return bases[level];
  }

  /** Index of the entry followed, or -1 in a leaf if all its entries start behind the block. */
  int index(int level) {
    return indexes[level];
  }

  void index(int level, int index) {
    indexes[level] = index;
  }

  /** The buffer of a level that is a block. */
  MetadataBuffer buffer(int level) {
    MetadataBuffer buffer = buffers[level];
    if (buffer == null) {
      throw new AssertionError("level " + level + " of an extent path is not a block");
    }
    return buffer;
  }

  long endFileBlockNr() {
    return endFileBlockNr;
  }

  void endFileBlockNr(long end) {
    endFileBlockNr = end;
  }

  @Override
  public void close() {
    for (int level = 1; level < levels; level++) {
      buffer(level).close();
      buffers[level] = null;
    }
    levels = 0;
  }
}
