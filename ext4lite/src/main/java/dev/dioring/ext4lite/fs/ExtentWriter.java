package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
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
 * leaf is one block. A full node is never halved in place: two new nodes take its entries, and the
 * write of the parent, which may be the inode, puts both in its stead at once.
 */
final class ExtentWriter implements MapWriter {
  /** The node, two in its place, and the bitmaps and descriptors of all three. */
  private static final int SPLIT_CREDITS = 9;

  /** An inode, and the bitmap and descriptor of an extent. */
  private static final int OTHER_CREDITS = 3;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final ExtentTree tree;
  private final BlockAllocator allocator;
  private final SharedClusters clusters;
  private final ExtentPath path = new ExtentPath();
  private final LeafEdit edit = new LeafEdit();

  ExtentWriter(VolumeContext volume, InodeBlock owner, ExtentTree tree, BlockAllocator allocator) {
    this.volume = volume;
    this.owner = owner;
    this.tree = tree;
    this.allocator = allocator;
    clusters = new SharedClusters(volume.groups(), tree);
  }

  /** A split of each node on the path, and the inode. */
  @Override
  public int changeCredits() {
    // The depth may change before the handle has begun, by one.
    int levels = tree.depth() + 2;
    return levels * SPLIT_CREDITS + OTHER_CREDITS;
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
        makeRoom(handle, leaf);
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
          lowerKeys(handle, leaf, fileBlockNr);
          apply(handle, leaf);
          return;
        }
        makeRoom(handle, leaf);
      }
    } finally {
      path.close();
    }
  }

  @Override
  public long remove(Handle handle, long from, long end) throws IOException {
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
        makeRoom(handle, leaf);
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
        makeRoom(handle, leaf);
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
      raiseKeys(handle, leaf);
    }
  }

  /** Removes a node without entries, and those above it that are left without any. */
  private void removeNode(Handle handle, int level) throws IOException {
    if (level == 0) {
      access(handle, 0);
      MemorySegment root = path.node(0);
      long base = path.base(0);
      int generation = ExtentNode.generation(root, base);
      ExtentNode.header(root, base, 0, ExtentNode.ROOT_ENTRIES_MAX, 0, generation);
      changed(handle, 0);
      return;
    }
    int parent = level - 1;
    access(handle, parent);
    MemorySegment node = path.node(parent);
    long base = path.base(parent);
    int index = path.index(parent);
    int rest = ExtentNode.entries(node, base) - 1;
    ExtentNode.moveEntries(node, base, index + 1, index, rest - index);
    ExtentNode.entries(node, base, rest);
    changed(handle, parent);
    new BlockRelease(allocator, owner).metadata(handle, path.buffer(level).blockNr());
    owner.changed(handle);
    if (rest == 0) {
      removeNode(handle, parent);
    } else if (index == 0) {
      raiseKeys(handle, parent);
    }
  }

  /** An index entry starts where the first entry below it does. */
  private void raiseKeys(Handle handle, int from) {
    long key = ExtentNode.fileBlockNr(path.node(from), path.base(from), 0);
    for (int level = from - 1; level >= 0; level--) {
      int index = path.index(level);
      access(handle, level);
      ExtentNode.fileBlockNr(path.node(level), path.base(level), index, key);
      changed(handle, level);
      if (index > 0) {
        return;
      }
    }
  }

  private void apply(Handle handle, int level) {
    access(handle, level);
    edit.apply(path.node(level), path.base(level));
    changed(handle, level);
  }

  /** An index entry must not start behind the first entry below it. */
  private void lowerKeys(Handle handle, int leaf, long fileBlockNr) {
    for (int level = leaf - 1; level >= 0; level--) {
      int index = path.index(level);
      if (ExtentNode.fileBlockNr(path.node(level), path.base(level), index) <= fileBlockNr) {
        return;
      }
      access(handle, level);
      ExtentNode.fileBlockNr(path.node(level), path.base(level), index, fileBlockNr);
      changed(handle, level);
    }
  }

  /** Makes room in a full node, and in full nodes above it first. The path is stale afterwards. */
  private void makeRoom(Handle handle, int level) throws IOException {
    if (level == 0) {
      growRoot(handle);
      return;
    }
    MemorySegment parent = path.node(level - 1);
    long parentBase = path.base(level - 1);
    if (ExtentNode.entries(parent, parentBase) >= ExtentNode.max(parent, parentBase)) {
      makeRoom(handle, level - 1);
      return;
    }
    replaceByHalves(handle, level);
  }

  /** Moves the root's entries into a new block below it: the tree becomes one level deeper. */
  private void growRoot(Handle handle) throws IOException {
    MemorySegment root = path.node(0);
    long base = path.base(0);
    int depth = ExtentNode.depth(root, base);
    if (depth == ExtentNode.DEPTH_MAX) {
      throw new CorruptStructureException(
          "extents of inode " + owner.inodeNr(), "eh_depth", "< 5 in a growing tree", "5");
    }
    int entries = ExtentNode.entries(root, base);
    try (MetadataBuffer below = newNode(handle, depth)) {
      ExtentNode.copyEntries(root, base, 0, below.data(), 0, 0, entries);
      ExtentNode.entries(below.data(), 0, entries);
      handle.dirty(below);
      access(handle, 0);
      long first = ExtentNode.fileBlockNr(root, base, 0);
      ExtentNode.header(
          root, base, 1, ExtentNode.ROOT_ENTRIES_MAX, depth + 1, ExtentNode.generation(root, base));
      ExtentNode.index(root, base, 0, first, below.blockNr());
      allocator.charge(handle, owner, 1);
      changed(handle, 0);
    }
  }

  private void replaceByHalves(Handle handle, int level) throws IOException {
    MemorySegment full = path.node(level);
    int depth = ExtentNode.depth(full, 0);
    int entries = ExtentNode.entries(full, 0);
    int lowerHalf = entries / 2;
    try (MetadataBuffer lower = newNode(handle, depth)) {
      MetadataBuffer upper;
      try {
        upper = newNode(handle, depth);
      } catch (IOException e) {
        allocator.freeUnused(handle, lower.blockNr(), 1);
        throw e;
      }
      try (upper) {
        fill(handle, lower, full, 0, lowerHalf);
        fill(handle, upper, full, lowerHalf, entries - lowerHalf);
        refer(handle, level - 1, lower, upper);
      }
    }
    allocator.charge(handle, owner, 1);
    owner.changed(handle);
    allocator.releaseMetadata(handle, path.buffer(level).blockNr());
  }

  private static void fill(
      Handle handle, MetadataBuffer target, MemorySegment full, int from, int count) {
    ExtentNode.copyEntries(full, 0, from, target.data(), 0, 0, count);
    ExtentNode.entries(target.data(), 0, count);
    handle.dirty(target);
  }

  /** Lets the parent refer to two nodes where it referred to the one they replace. */
  private void refer(Handle handle, int level, MetadataBuffer lower, MetadataBuffer upper) {
    access(handle, level);
    MemorySegment parent = path.node(level);
    long base = path.base(level);
    int index = path.index(level);
    int entries = ExtentNode.entries(parent, base);
    ExtentNode.moveEntries(parent, base, index + 1, index + 2, entries - index - 1);
    long key = ExtentNode.fileBlockNr(parent, base, index);
    ExtentNode.index(parent, base, index, key, lower.blockNr());
    long upperKey = ExtentNode.fileBlockNr(upper.data(), 0, 0);
    ExtentNode.index(parent, base, index + 1, upperKey, upper.blockNr());
    ExtentNode.entries(parent, base, entries + 1);
    changed(handle, level);
  }

  /** An empty node in a newly allocated block near the inode's data. */
  private MetadataBuffer newNode(Handle handle, int depth) throws IOException {
    long blockNr = allocator.allocateNode(handle, allocator.goalFor(owner.inodeNr()));
    MetadataBuffer buffer = volume.cache().create(blockNr, tree.role(depth));
    buffer.writeOrder(WriteOrder.UNREFERENCED);
    buffer.checksum(tree.checksum());
    handle.access(buffer);
    int max = ExtentNode.blockEntriesMax(volume.groups().blockSizeBytes());
    ExtentNode.header(buffer.data(), 0, 0, max, depth, 0);
    return buffer;
  }

  private void access(Handle handle, int level) {
    handle.access(level == 0 ? owner.buffer() : path.buffer(level));
  }

  private void changed(Handle handle, int level) {
    if (level == 0) {
      owner.changed(handle);
    } else {
      path.buffer(level).changedMapping();
      handle.dirty(path.buffer(level));
    }
  }

  private static long endOf(MemorySegment node, long base, int index) {
    return ExtentNode.fileBlockNr(node, base, index) + ExtentNode.lengthBlocks(node, base, index);
  }
}
