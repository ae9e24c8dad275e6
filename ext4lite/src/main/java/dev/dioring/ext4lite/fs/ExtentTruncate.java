package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Takes blocks from the end of an inode's extent tree. The caller holds the tree's lock for writing
 * and a journal handle, and stores the inode's size.
 *
 * <p>Each step is whole in itself and changes one extent, so that a large file is cut in many small
 * changes. A node that loses its last entry is not touched but cut off its parent.
 */
final class ExtentTruncate implements TruncateStep {
  private final InodeBlock owner;
  private final ExtentTree tree;
  private final SharedClusters clusters;
  private final BlockRelease release;
  private final ExtentPath path = new ExtentPath();

  ExtentTruncate(InodeBlock owner, ExtentTree tree, SharedClusters clusters, BlockRelease release) {
    this.clusters = clusters;
    this.owner = owner;
    this.tree = tree;
    this.release = release;
  }

  @Override
  public boolean cut(Handle handle, long keepFileBlocks) throws IOException {
    try {
      tree.descend(path, ExtentNode.FILE_BLOCKS_MAX - 1);
      int leaf = path.leafLevel();
      MemorySegment node = path.node(leaf);
      long base = path.base(leaf);
      int last = ExtentNode.entries(node, base) - 1;
      if (last < 0) {
        if (leaf == 0) {
          return false;
        }
        handle.access(owner.buffer());
        dropNode(handle, leaf);
        return true;
      }
      long first = ExtentNode.fileBlockNr(node, base, last);
      int length = ExtentNode.lengthBlocks(node, base, last);
      int kept = Math.clamp(keepFileBlocks - first, 0, length);
      if (kept == length) {
        return false;
      }
      handle.access(owner.buffer());
      long blockNr = ExtentNode.startBlockNr(node, base, last) + kept;
      if (kept == 0) {
        dropEntry(handle, leaf);
      } else {
        access(handle, leaf);
        boolean unwritten = ExtentNode.unwritten(node, base, last);
        ExtentNode.length(node, base, last, kept, unwritten);
        changed(handle, leaf);
      }
      release.unmapped(handle, clusters, first + kept, blockNr, length - kept);
      owner.changed(handle);
      return true;
    } finally {
      path.close();
    }
  }

  /** Removes the last entry of a node, and the node with it if that was its only one. */
  private void dropEntry(Handle handle, int level) throws IOException {
    MemorySegment node = path.node(level);
    long base = path.base(level);
    int entries = ExtentNode.entries(node, base) - 1;
    if (entries == 0 && level > 0) {
      dropNode(handle, level);
      return;
    }
    access(handle, level);
    if (entries == 0) {
      // What is left is an empty leaf in the inode.
      ExtentNode.header(
          node, base, 0, ExtentNode.ROOT_ENTRIES_MAX, 0, ExtentNode.generation(node, base));
    } else {
      ExtentNode.entries(node, base, entries);
    }
    changed(handle, level);
  }

  private void dropNode(Handle handle, int level) throws IOException {
    release.metadata(handle, path.buffer(level).blockNr());
    dropEntry(handle, level - 1);
    owner.changed(handle);
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
}
