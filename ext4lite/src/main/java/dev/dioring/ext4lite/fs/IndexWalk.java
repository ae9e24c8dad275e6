package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DirectoryBlockCheck;
import dev.dioring.ext4lite.format.HtreeNode;
import java.io.IOException;

/**
 * The way down the index of a directory to the first leaf with names of a hash, and on to the
 * leaves behind it.
 */
final class IndexWalk {
  /** The root and at most two levels of nodes below it. */
  private static final int LEVELS_MAX = 3;

  private final DirectoryBlocks blocks;
  private final long inodeNr;
  private final long hash;
  private final int levels;

  /** By level from the root: the block of the index, and the entry followed. */
  private final long[] nodes = new long[LEVELS_MAX];

  private final int[] entries = new int[LEVELS_MAX];

  /** Lowest hash of the leaf {@link #next} went to, {@link HtreeNode#CONTINUED} included. */
  private long leafHash;

  /** Leaves gone to. On a corrupt volume entries may lead to the same leaves over and over. */
  private long leaves;

  IndexWalk(DirectoryBlocks blocks, MetadataBuffer root, long inodeNr, long hash) {
    this.blocks = blocks;
    this.inodeNr = inodeNr;
    this.hash = hash;
    levels = 1 + HtreeNode.indirectLevels(root.data(), 0);
  }

  /** The first leaf that may have names of the hash. */
  long first() throws IOException {
    return descend(0, 0, hash);
  }

  /** The next leaf, if names of the hash go on there, else -1. */
  long continuation() throws IOException {
    int level = levels - 1;
    while (level >= 0) {
      try (MetadataBuffer buffer = node(level)) {
        int next = entries[level] + 1;
        if (next < HtreeNode.count(buffer.data(), table(level))) {
          long first = HtreeNode.hash(buffer.data(), table(level), next);
          return (first & ~HtreeNode.CONTINUED) == hash ? enter(level, buffer, next) : -1;
        }
      }
      level--;
    }
    return -1;
  }

  /** The next leaf whatever its hash, or -1 behind the last. */
  long next() throws IOException {
    int level = levels - 1;
    while (level >= 0) {
      try (MetadataBuffer buffer = node(level)) {
        int next = entries[level] + 1;
        if (next < HtreeNode.count(buffer.data(), table(level))) {
          leafHash = HtreeNode.hash(buffer.data(), table(level), next);
          return enter(level, buffer, next);
        }
      }
      level--;
    }
    return -1;
  }

  /** Whether the leaf that {@link #next} found starts with names of the hash before it. */
  boolean isContinued() {
    return (leafHash & HtreeNode.CONTINUED) != 0;
  }

  /** Levels of the index, the root included. */
  int levels() {
    return levels;
  }

  /** The entry followed in the node of a level. */
  int entry(int level) {
    return entries[level];
  }

  /** The node of a level on the way, pinned. */
  MetadataBuffer node(int level) throws IOException {
    MetadataBuffer buffer = blocks.get(nodes[level]);
    boolean index =
        level == 0
            ? nodes[level] == 0
            : DirectoryBlockCheck.isIndexNode(buffer.data(), (int) buffer.data().byteSize());
    if (!index) {
      buffer.close();
      throw new CorruptStructureException(
          "index of directory " + inodeNr,
          "its block " + nodes[level] + " at level " + level,
          "an index node",
          "a leaf");
    }
    return buffer;
  }

  /** Where the table of a node of a level starts. */
  static int table(int level) {
    return level == 0 ? HtreeNode.ROOT_TABLE_OFFSET : HtreeNode.NODE_TABLE_OFFSET;
  }

  private long enter(int level, MetadataBuffer node, int entry) throws IOException {
    entries[level] = entry;
    if (++leaves > blocks.count()) {
      throw new CorruptStructureException(
          "index of directory " + inodeNr,
          "leaves it leads to",
          "<= the directory's " + blocks.count() + " blocks",
          "more");
    }
    return descend(level + 1, HtreeNode.fileBlockNr(node.data(), table(level), entry), 0);
  }

  /** Goes from a node down to a leaf, in each node to the last entry not behind a hash. */
  private long descend(int fromLevel, long fromBlock, long towards) throws IOException {
    long block = fromBlock;
    for (int level = fromLevel; level < levels; level++) {
      nodes[level] = block;
      try (MetadataBuffer buffer = node(level)) {
        entries[level] = HtreeNode.search(buffer.data(), table(level), towards);
        block = HtreeNode.fileBlockNr(buffer.data(), table(level), entries[level]);
      }
    }
    return block;
  }
}
