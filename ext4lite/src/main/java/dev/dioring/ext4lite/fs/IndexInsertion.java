package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Adds names to a directory with an index. A full leaf is split by the hashes of its names; full
 * nodes above it are split first, from the top, so that every step leaves a whole index.
 */
final class IndexInsertion {
  private final VolumeReader volume;
  private final DirectoryEditor editor;
  private final DirectoryLeaf leaf;
  private final int blockSizeBytes;

  IndexInsertion(VolumeReader volume, DirectoryEditor editor, DirectoryLeaf leaf) {
    this.volume = volume;
    this.editor = editor;
    this.leaf = leaf;
    blockSizeBytes = volume.context().groups().blockSizeBytes();
  }

  /**
   * Adds a name.
   *
   * @throws NoSpaceException if a block or the index has no room; the name was not added
   */
  void insert(Handle handle, byte[] name, long inodeNr, int typeCode) throws IOException {
    boolean done = false;
    while (!done) {
      DirectoryBlocks blocks = editor.blocks();
      try (MetadataBuffer root = blocks.get(0)) {
        int version = HtreeNode.hashVersion(root.data(), 0);
        requireKnown(version);
        long hash = editor.hash(version, name);
        IndexWalk walk = new IndexWalk(blocks, root, editor.directory().inodeNr(), hash);
        try (MetadataBuffer buffer = blocks.get(walk.first())) {
          done = editor.insertIn(handle, buffer, name, inodeNr, typeCode);
          if (!done) {
            makeRoom(handle, walk, buffer, version);
          }
        }
      }
    }
  }

  /** Gives a directory of one full block an index, and adds a name. */
  void makeIndex(Handle handle, byte[] name, long inodeNr, int typeCode) throws IOException {
    LiveInode directory = editor.directory();
    try (MetadataBuffer root = editor.blocks().get(0);
        MetadataBuffer entries = editor.append(handle)) {
      handle.access(root);
      int dots = leaf.recordBytes(root.data(), 0);
      long parent = DirectoryEntry.inodeNr(root.data(), dots);
      int type = DirectoryEntry.typeCode(root.data(), dots);
      leaf.clear(entries.data());
      LeafSplit all = LeafSplit.gather(root.data(), leaf, blockSizeBytes);
      all.write(entries.data(), 0, all.count());
      editor.leafChanged(handle, entries);
      leaf.writeDots(root.data(), directory.inodeNr(), parent, type);
      int rest = blockSizeBytes - DirectoryEntry.RECORD_MIN_BYTES;
      DirectoryEntry.recordBytes(
          root.data(), DirectoryEntry.RECORD_MIN_BYTES, rest, blockSizeBytes);
      int version = volume.context().superblock().defaultHashVersion();
      HtreeNode.writeRoot(root.data(), version, blockSizeBytes, editor.isChecksummed(), 1);
      editor.indexChanged(handle, root, HtreeNode.ROOT_TABLE_OFFSET);
    }
    long stamp = directory.fieldLock().writeLock();
    try {
      directory.inode().flags(directory.inode().flags() | Inode.FLAG_INDEX);
      directory.block().changed(handle);
    } finally {
      directory.fieldLock().unlockWrite(stamp);
    }
    insert(handle, name, inodeNr, typeCode);
  }

  private void requireKnown(int version) throws Ext4Exception {
    if (!DirectoryHash.isKnown(version)) {
      throw new Ext4Exception(
          "changing directory " + editor.directory().inodeNr(),
          Errno.EOPNOTSUPP,
          "its names are hashed in an unknown way (version " + version + ")");
    }
  }

  private void makeRoom(Handle handle, IndexWalk walk, MetadataBuffer full, int version)
      throws IOException {
    int level = walk.levels() - 1;
    try (MetadataBuffer node = walk.node(level)) {
      if (!isFull(node, level)) {
        splitLeaf(handle, walk, node, full, version);
        return;
      }
    }
    splitNode(handle, walk, level);
  }

  private void splitLeaf(
      Handle handle, IndexWalk walk, MetadataBuffer node, MetadataBuffer full, int version)
      throws IOException {
    int level = walk.levels() - 1;
    LeafSplit split = LeafSplit.gather(full.data(), leaf, blockSizeBytes);
    split.sort(volume.hash(), version, editor.ignoresCase());
    int from = split.middle();
    long added = editor.blocks().count();
    try (MetadataBuffer upper = editor.append(handle)) {
      leaf.clear(upper.data());
      split.write(upper.data(), from, split.count());
      editor.leafChanged(handle, upper);
    }
    handle.access(full);
    leaf.clear(full.data());
    split.write(full.data(), 0, from);
    editor.leafChanged(handle, full);
    handle.access(node);
    int table = IndexWalk.table(level);
    HtreeNode.insert(node.data(), table, walk.entry(level) + 1, split.hashFrom(from), added);
    editor.indexChanged(handle, node, table);
  }

  /** Makes room in a full node, or in a full one above it. The walk is stale afterwards. */
  private void splitNode(Handle handle, IndexWalk walk, int level) throws IOException {
    if (level == 0) {
      growRoot(handle, walk);
      return;
    }
    try (MetadataBuffer parent = walk.node(level - 1)) {
      if (isFull(parent, level - 1)) {
        splitNode(handle, walk, level - 1);
        return;
      }
      long added = editor.blocks().count();
      try (MetadataBuffer node = walk.node(level);
          MetadataBuffer upper = newNode(handle)) {
        int table = HtreeNode.NODE_TABLE_OFFSET;
        int half = HtreeNode.count(node.data(), table) / 2;
        long hash = HtreeNode.hash(node.data(), table, half);
        HtreeNode.copyEntries(node.data(), table, half, upper.data(), table);
        editor.indexChanged(handle, upper, table);
        handle.access(node);
        HtreeNode.count(node.data(), table, half);
        editor.indexChanged(handle, node, table);
        handle.access(parent);
        int parentTable = IndexWalk.table(level - 1);
        int place = walk.entry(level - 1) + 1;
        HtreeNode.insert(parent.data(), parentTable, place, hash, added);
        editor.indexChanged(handle, parent, parentTable);
      }
    }
  }

  /** Moves the root's entries into a new node below it. */
  private void growRoot(Handle handle, IndexWalk walk) throws IOException {
    int levelsMax = HtreeNode.indirectLevelsMax(volume.has(Feature.LARGEDIR));
    try (MetadataBuffer root = walk.node(0)) {
      int levels = HtreeNode.indirectLevels(root.data(), 0);
      if (levels >= levelsMax) {
        throw NoSpaceException.ofIndex(editor.directory().inodeNr());
      }
      long added = editor.blocks().count();
      int table = HtreeNode.ROOT_TABLE_OFFSET;
      try (MetadataBuffer below = newNode(handle)) {
        HtreeNode.copyEntries(root.data(), table, 0, below.data(), HtreeNode.NODE_TABLE_OFFSET);
        editor.indexChanged(handle, below, HtreeNode.NODE_TABLE_OFFSET);
      }
      handle.access(root);
      HtreeNode.count(root.data(), table, 1);
      HtreeNode.fileBlockNr(root.data(), table, 0, added);
      HtreeNode.storeIndirectLevels(root.data(), levels + 1);
      editor.indexChanged(handle, root, table);
    }
  }

  private MetadataBuffer newNode(Handle handle) throws IOException {
    MetadataBuffer node = editor.append(handle);
    DirectoryEntry.writeUnused(node.data(), 0, blockSizeBytes, blockSizeBytes);
    int table = HtreeNode.NODE_TABLE_OFFSET;
    HtreeNode.writeTable(node.data(), table, blockSizeBytes, editor.isChecksummed(), 0);
    return node;
  }

  private static boolean isFull(MetadataBuffer node, int level) {
    MemorySegment data = node.data();
    int table = IndexWalk.table(level);
    return HtreeNode.count(data, table) >= HtreeNode.limit(data, table);
  }
}
