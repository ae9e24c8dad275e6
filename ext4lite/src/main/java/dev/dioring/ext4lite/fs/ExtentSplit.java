package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Makes room in a full node of an extent tree. It is never halved in place: two new nodes take its
 * entries, and the write of the parent, which may be the inode, puts both in its stead at once.
 */
final class ExtentSplit {
  /** The node, two in its place, and the bitmaps and descriptors of all three. */
  static final int CREDITS = 9;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final ExtentTree tree;
  private final BlockAllocator allocator;
  private final ExtentPath path;
  private final PathEdit nodes;

  ExtentSplit(
      VolumeContext volume,
      InodeBlock owner,
      ExtentTree tree,
      BlockAllocator allocator,
      PathEdit nodes) {
    this.volume = volume;
    this.owner = owner;
    this.tree = tree;
    this.allocator = allocator;
    this.nodes = nodes;
    path = nodes.path();
  }

  /** Makes room in a full node, and in full nodes above it first. The path is stale afterwards. */
  void makeRoom(Handle handle, int level) throws IOException {
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
      nodes.access(handle, 0);
      long first = ExtentNode.fileBlockNr(root, base, 0);
      ExtentNode.header(
          root, base, 1, ExtentNode.ROOT_ENTRIES_MAX, depth + 1, ExtentNode.generation(root, base));
      ExtentNode.index(root, base, 0, first, below.blockNr());
      allocator.charge(handle, owner, 1);
      nodes.changed(handle, 0);
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
    nodes.access(handle, level);
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
    nodes.changed(handle, level);
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
}
