package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Changes of one inode's extent tree. The caller holds the tree's lock for writing and a journal
 * handle; so there is one writer of a tree at a time, and this object's scratch space is its own.
 *
 * <p>Without a journal every change must be whole after any single block write. A change inside one
 * leaf is one block; how a full node gets room is {@link ExtentSplit}'s.
 */
final class ExtentWriter implements MapWriter {
  /** An inode, and the bitmap and descriptor of an extent. */
  private static final int OTHER_CREDITS = 3;

  private final InodeBlock owner;
  private final ExtentTree tree;
  private final BlockAllocator allocator;
  private final SharedClusters clusters;
  private final ExtentPath path = new ExtentPath();
  private final LeafEdit edit = new LeafEdit();
  private final PathEdit nodes;
  private final ExtentSplit splits;

  ExtentWriter(VolumeContext volume, InodeBlock owner, ExtentTree tree, BlockAllocator allocator) {
    this.owner = owner;
    this.tree = tree;
    this.allocator = allocator;
    clusters = new SharedClusters(volume.groups(), tree);
    nodes = new PathEdit(owner, path);
    splits = new ExtentSplit(volume, owner, tree, allocator, nodes);
  }

  /** A split of each node on the path, and the inode. */
  @Override
  public int changeCredits() {
    // The depth may change before the handle has begun, by one.
    int levels = tree.depth() + 2;
    return levels * ExtentSplit.CREDITS + OTHER_CREDITS;
  }

  /**
   * Marks the start of a range of blocks as written, as far as its first extent goes: splits an
   * unwritten extent at the ends of the range and merges what becomes alike.
   */
  @Override
  public long convert(Handle handle, long fileBlockNr, long endFileBlockNr) throws IOException {
    try {
      while (true) {
        tree.descend(path, fileBlockNr);
        int leaf = path.leafLevel();
        MemorySegment node = path.node(leaf);
        long base = path.base(leaf);
        int index = path.index(leaf);
        if (index < 0 || fileBlockNr >= endOf(node, base, index)) {
          throw new CorruptStructureException(
              "extents of inode " + owner.inodeNr(),
              "blocks being written are allocated",
              "file block " + fileBlockNr + " mapped",
              "a hole");
        }
        long end = Math.min(endFileBlockNr, endOf(node, base, index));
        if (!ExtentNode.unwritten(node, base, index)) {
          return end;
        }
        edit.convert(node, base, index, fileBlockNr, end);
        if (edit.fits(node, base)) {
          apply(handle, leaf);
          return end;
        }
        splits.makeRoom(handle, leaf);
      }
    } finally {
      path.close();
    }
  }

  /** Adds an extent where there is a hole. */
  @Override
  public void insert(
      Handle handle, long fileBlockNr, int lengthBlocks, long startBlockNr, boolean unwritten)
      throws IOException {
    try {
      while (true) {
        tree.descend(path, fileBlockNr);
        int leaf = path.leafLevel();
        edit.insert(
            path.node(leaf),
            path.base(leaf),
            path.index(leaf),
            fileBlockNr,
            lengthBlocks,
            startBlockNr,
            unwritten);
        if (edit.fits(path.node(leaf), path.base(leaf))) {
          nodes.lowerKeys(handle, leaf, fileBlockNr);
          apply(handle, leaf);
          return;
        }
        splits.makeRoom(handle, leaf);
      }
    } finally {
      path.close();
    }
  }

  @Override
  public long remove(Handle handle, long from, long end) throws IOException {
    if (from >= ExtentNode.FILE_BLOCKS_MAX) {
      return end; // no extent can be there, whatever the size says
    }
    try {
      while (true) {
        tree.descend(path, from);
        int leaf = path.leafLevel();
        MemorySegment node = path.node(leaf);
        long base = path.base(leaf);
        int index = path.index(leaf);
        if (index < 0 || endOf(node, base, index) <= from) {
          index++;
        }
        if (index >= ExtentNode.entries(node, base)) {
          return path.endFileBlockNr();
        }
        long first = ExtentNode.fileBlockNr(node, base, index);
        if (first >= end) {
          return end;
        }
        long start = Math.max(first, from);
        long stop = Math.min(end, endOf(node, base, index));
        edit.cut(node, base, index, start, stop);
        if (edit.fits(node, base)) {
          long blockNr = ExtentNode.startBlockNr(node, base, index) + (start - first);
          cut(handle, leaf, index);
          new BlockRelease(allocator, owner)
              .unmapped(handle, clusters, start, blockNr, (int) (stop - start));
          owner.changed(handle);
          return stop;
        }
        splits.makeRoom(handle, leaf);
      }
    } finally {
      path.close();
    }
  }

  /**
   * Moves an extent, or what is left of one behind {@code from}, to where there is a hole.
   *
   * @param run the extent, as it was looked up
   * @param shiftBlocks how far to move it; negative towards the start
   */
  void shift(Handle handle, ExtentRun run, long shiftBlocks) throws IOException {
    long first = run.fileBlockNr;
    try {
      tree.descend(path, first);
      int leaf = path.leafLevel();
      int index = path.index(leaf);
      edit.cut(path.node(leaf), path.base(leaf), index, first, run.endFileBlockNr());
      cut(handle, leaf, index);
    } finally {
      path.close();
    }
    insert(
        handle,
        first + shiftBlocks,
        (int) run.lengthBlocks,
        run.startBlockNr,
        run.state == ExtentRun.State.UNWRITTEN);
  }

  /** Splits the extent that goes across a file block, so that one starts there. */
  void split(Handle handle, long fileBlockNr) throws IOException {
    try {
      while (true) {
        tree.descend(path, fileBlockNr);
        int leaf = path.leafLevel();
        int index = path.index(leaf);
        MemorySegment node = path.node(leaf);
        long base = path.base(leaf);
        if (index < 0
            || ExtentNode.fileBlockNr(node, base, index) == fileBlockNr
            || endOf(node, base, index) <= fileBlockNr) {
          return;
        }
        edit.split(node, base, index, fileBlockNr);
        if (edit.fits(node, base)) {
          apply(handle, leaf);
          return;
        }
        splits.makeRoom(handle, leaf);
      }
    } finally {
      path.close();
    }
  }

  private void cut(Handle handle, int leaf, int index) throws IOException {
    apply(handle, leaf);
    if (ExtentNode.entries(path.node(leaf), path.base(leaf)) == 0) {
      removeNode(handle, leaf);
    } else if (index == 0) {
      nodes.raiseKeys(handle, leaf);
    }
  }

  /** Removes a node without entries, and those above it that are left without any. */
  private void removeNode(Handle handle, int level) throws IOException {
    if (level == 0) {
      nodes.access(handle, 0);
      MemorySegment root = path.node(0);
      long base = path.base(0);
      int generation = ExtentNode.generation(root, base);
      ExtentNode.header(root, base, 0, ExtentNode.ROOT_ENTRIES_MAX, 0, generation);
      nodes.changed(handle, 0);
      return;
    }
    int parent = level - 1;
    nodes.access(handle, parent);
    MemorySegment node = path.node(parent);
    long base = path.base(parent);
    int index = path.index(parent);
    int rest = ExtentNode.entries(node, base) - 1;
    ExtentNode.moveEntries(node, base, index + 1, index, rest - index);
    ExtentNode.entries(node, base, rest);
    nodes.changed(handle, parent);
    new BlockRelease(allocator, owner).metadata(handle, path.buffer(level).blockNr());
    owner.changed(handle);
    if (rest == 0) {
      removeNode(handle, parent);
    } else if (index == 0) {
      nodes.raiseKeys(handle, parent);
    }
  }

  private void apply(Handle handle, int level) {
    nodes.access(handle, level);
    edit.apply(path.node(level), path.base(level));
    nodes.changed(handle, level);
  }

  private static long endOf(MemorySegment node, long base, int index) {
    return ExtentNode.fileBlockNr(node, base, index) + ExtentNode.lengthBlocks(node, base, index);
  }
}
