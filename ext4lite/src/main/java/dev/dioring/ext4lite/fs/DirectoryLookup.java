package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DirectoryBlockCheck;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.HtreeNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Finds a name in a directory: by its index where it has one that is understood. */
final class DirectoryLookup {
  static final byte[] DOT = {'.'};
  static final byte[] DOT_DOT = {'.', '.'};

  /** The root and at most two levels of nodes below it. */
  private static final int LEVELS_MAX = 3;

  private final VolumeReader volume;
  private final Ext4Inode directory;
  private final int blockSizeBytes;

  DirectoryLookup(VolumeReader volume, Ext4Inode directory) {
    this.volume = volume;
    this.directory = directory;
    blockSizeBytes = volume.context().groups().blockSizeBytes();
  }

  /** The inode a name leads to, or 0. */
  long find(byte[] name) throws IOException {
    if (name.length > DirectoryEntry.NAME_MAX_BYTES) {
      throw new Ext4Exception(
          "looking up a name of " + name.length + " bytes", Errno.ENAMETOOLONG, "255 are allowed");
    }
    if (directory.isInline()) {
      return search(new InlineData(volume, directory).entries(), name);
    }
    DirectoryBlocks blocks = new DirectoryBlocks(volume, directory);
    if (Arrays.equals(name, DOT) || Arrays.equals(name, DOT_DOT)) {
      return searchBlock(blocks, 0, name);
    }
    if (blocks.isIndexed()) {
      try (MetadataBuffer root = blocks.get(0)) {
        int version = HtreeNode.hashVersion(root.data(), 0);
        if (DirectoryHash.isKnown(version)) {
          return new IndexWalk(blocks, root, volume.hash().hash(version, name)).find(name);
        }
      }
    }
    return searchAll(blocks, name);
  }

  private long searchAll(DirectoryBlocks blocks, byte[] name) throws IOException {
    for (long block = 0; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        long found = search(buffer.data(), name);
        if (found != 0) {
          return found;
        }
      }
    }
    return 0;
  }

  private long searchBlock(DirectoryBlocks blocks, long fileBlockNr, byte[] name)
      throws IOException {
    try (MetadataBuffer buffer = blocks.get(fileBlockNr)) {
      return search(buffer.data(), name);
    }
  }

  private long search(MemorySegment entries, byte[] name) {
    long at = 0;
    while (at < entries.byteSize()) {
      long inodeNr = DirectoryEntry.inodeNr(entries, at);
      if (inodeNr != 0 && DirectoryEntry.isNamed(entries, at, name)) {
        return inodeNr;
      }
      at += DirectoryEntry.recordBytes(entries, at, blockSizeBytes);
    }
    return 0;
  }

  /** The way down an index to the first leaf with names of a hash, and on to those behind it. */
  private final class IndexWalk {
    private final DirectoryBlocks blocks;
    private final long hash;
    private final int levels;

    /** By level from the root: the block of the index, where its table is, the entry followed. */
    private final long[] nodes = new long[LEVELS_MAX];

    private final int[] entries = new int[LEVELS_MAX];

    IndexWalk(DirectoryBlocks blocks, MetadataBuffer root, long hash) {
      this.blocks = blocks;
      this.hash = hash;
      levels = 1 + HtreeNode.indirectLevels(root.data(), 0);
    }

    long find(byte[] name) throws IOException {
      long leaf = descend(0, 0, hash);
      while (true) {
        long found = searchBlock(blocks, leaf, name);
        if (found != 0) {
          return found;
        }
        leaf = continuation();
        if (leaf < 0) {
          return 0;
        }
      }
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

    /** The next leaf, if names of the hash go on there, else -1. */
    private long continuation() throws IOException {
      int level = levels - 1;
      while (level >= 0) {
        try (MetadataBuffer buffer = node(level)) {
          int next = entries[level] + 1;
          if (next < HtreeNode.count(buffer.data(), table(level))) {
            long first = HtreeNode.hash(buffer.data(), table(level), next);
            if ((first & ~HtreeNode.CONTINUED) != hash) {
              return -1;
            }
            entries[level] = next;
            long below = HtreeNode.fileBlockNr(buffer.data(), table(level), next);
            return descend(level + 1, below, 0);
          }
        }
        level--;
      }
      return -1;
    }

    private MetadataBuffer node(int level) throws IOException {
      MetadataBuffer buffer = blocks.get(nodes[level]);
      boolean index =
          level == 0
              ? nodes[level] == 0
              : DirectoryBlockCheck.isIndexNode(buffer.data(), blockSizeBytes);
      if (!index) {
        buffer.close();
        throw new CorruptStructureException(
            "index of directory " + directory.inodeNr(),
            "its block " + nodes[level] + " at level " + level,
            "an index node",
            "a leaf");
      }
      return buffer;
    }

    private long table(int level) {
      return level == 0 ? HtreeNode.ROOT_TABLE_OFFSET : HtreeNode.NODE_TABLE_OFFSET;
    }
  }
}
