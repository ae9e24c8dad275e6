package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DirectoryBlockCheck;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.InlineDirectory;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds, adds and removes the entries of one directory, whose names the caller has locked for
 * writing.
 */
final class DirectoryEditor {
  private final VolumeReader volume;
  private final BlockAllocator allocator;
  private final LiveInode directory;
  private final DirectoryLeaf leaf;
  private final int blockSizeBytes;
  private final boolean checksummed;
  private final int inodeSeed;
  private final boolean typed;

  DirectoryEditor(VolumeReader volume, BlockAllocator allocator, LiveInode directory) {
    this.volume = volume;
    this.allocator = allocator;
    this.directory = directory;
    blockSizeBytes = volume.context().groups().blockSizeBytes();
    checksummed = volume.context().checksums().enabled();
    inodeSeed =
        volume.context().checksums().inodeSeed(directory.inodeNr(), directory.inode().generation());
    typed = volume.has(Feature.FILETYPE);
    leaf = new DirectoryLeaf(blockSizeBytes, checksummed);
  }

  /** Refuses directories whose names cannot be changed. */
  void requireEditable() throws Ext4Exception {
    String what = "changing directory " + directory.inodeNr();
    Inode inode = directory.inode();
    if (inode.has(Inode.FLAG_ENCRYPT)) {
      throw new Ext4Exception(what, Errno.ENOKEY, "it is encrypted");
    }
  }

  /** Whether names that differ in case alone are one. */
  boolean ignoresCase() {
    return directory.inode().has(Inode.FLAG_CASEFOLD);
  }

  /** The hash a name has in the index; where case is ignored, of a name of ASCII. */
  long hash(int version, byte[] name) {
    return volume.hash().hash(version, ignoresCase() ? CaseFolding.foldAscii(name) : name);
  }

  /**
   * Refuses to add a name where it is not known exactly which names are equal to it: where case is
   * ignored, unless it and all names near it in the index are of ASCII.
   */
  void requireComparable(byte[] name) throws IOException {
    if (!ignoresCase()) {
      return;
    }
    DirectoryBlocks blocks = blocks();
    boolean comparable =
        CaseFolding.isAscii(name) && probe(blocks, name, block -> foreign(blocks, block)) == null;
    if (!comparable) {
      throw new Ext4Exception(
          "adding a name to directory " + directory.inodeNr(),
          Errno.EOPNOTSUPP,
          "it ignores case, and names beyond ASCII are not compared for sure (casefold)");
    }
  }

  /** Where a name is, or null. */
  @Nullable DirectorySlot find(byte[] name) throws IOException {
    if (directory.view().isInline()) {
      long inodeNr = new DirectoryLookup(volume, directory.view()).find(name);
      return inodeNr == 0 ? null : new DirectorySlot(0, DirectoryLeaf.NONE, inodeNr);
    }
    DirectoryBlocks blocks = blocks();
    if (Arrays.equals(name, DirectoryLookup.DOT) || Arrays.equals(name, DirectoryLookup.DOT_DOT)) {
      return findDots(blocks, name);
    }
    return probe(blocks, name, block -> findIn(blocks, block, name));
  }

  /** What is looked for in a block. */
  private interface Probe {
    @Nullable DirectorySlot of(long fileBlockNr) throws IOException;
  }

  /** Goes through the blocks that a name may be in, until something is found. */
  private @Nullable DirectorySlot probe(DirectoryBlocks blocks, byte[] name, Probe probe)
      throws IOException {
    if (blocks.isIndexed() && (!ignoresCase() || CaseFolding.isAscii(name))) {
      try (MetadataBuffer root = blocks.get(0)) {
        int version = HtreeNode.hashVersion(root.data(), 0);
        if (DirectoryHash.isKnown(version)) {
          IndexWalk walk = new IndexWalk(blocks, root, directory.inodeNr(), hash(version, name));
          for (long block = walk.first(); block >= 0; block = walk.continuation()) {
            DirectorySlot slot = probe.of(block);
            if (slot != null) {
              return slot;
            }
          }
          return null;
        }
      }
    }
    for (long block = 0; block < blocks.count(); block++) {
      DirectorySlot slot = probe.of(block);
      if (slot != null) {
        return slot;
      }
    }
    return null;
  }

  /** Whether there are no names but those of the dots. */
  boolean isEmpty() throws IOException {
    if (directory.view().isInline()) {
      return leaf.isEmpty(new InlineData(volume, directory.view()).entries());
    }
    DirectoryBlocks blocks = blocks();
    for (long block = 0; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        if (!leaf.isEmpty(buffer.data())) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Adds a name, which is not there yet.
   *
   * @throws NoSpaceException if the directory cannot grow; nothing was added
   */
  void insert(Handle handle, byte[] name, long inodeNr, FileKind kind) throws IOException {
    DirectoryBlocks blocks = blocks();
    if (blocks.isIndexed()) {
      new IndexInsertion(volume, this, leaf).insert(handle, name, inodeNr, typeCode(kind));
      return;
    }
    for (long block = 0; block < blocks.count(); block++) {
      try (MetadataBuffer buffer = blocks.getNext(block)) {
        if (insertIn(handle, buffer, name, inodeNr, typeCode(kind))) {
          return;
        }
      }
    }
    if (blocks.count() == 1 && canBeIndexed()) {
      new IndexInsertion(volume, this, leaf).makeIndex(handle, name, inodeNr, typeCode(kind));
      return;
    }
    try (MetadataBuffer added = append(handle)) {
      leaf.clear(added.data());
      leaf.insert(added.data(), 0, name, inodeNr, typeCode(kind));
      leafChanged(handle, added);
    }
  }

  /** Removes an entry that was found. */
  void remove(Handle handle, DirectorySlot slot) throws IOException {
    try (MetadataBuffer buffer = blocks().get(slot.fileBlockNr())) {
      handle.access(buffer);
      leaf.remove(buffer.data(), slot.entry());
      leafChanged(handle, buffer);
    }
  }

  /** Lets an entry that was found name another inode. */
  void replace(Handle handle, DirectorySlot slot, long inodeNr, FileKind kind) throws IOException {
    try (MetadataBuffer buffer = blocks().get(slot.fileBlockNr())) {
      handle.access(buffer);
      DirectoryEntry.inodeNr(buffer.data(), slot.entry(), inodeNr);
      if (typed) {
        DirectoryEntry.typeCode(buffer.data(), slot.entry(), kind.entryCode());
      }
      leafChanged(handle, buffer);
    }
  }

  /** Lets ".." name another directory. */
  void parent(Handle handle, long parentNr) throws IOException {
    if (directory.view().isInline()) {
      parentInline(handle, parentNr);
      return;
    }
    try (MetadataBuffer buffer = blocks().get(0)) {
      handle.access(buffer);
      int dots = leaf.recordBytes(buffer.data(), 0);
      DirectoryEntry.inodeNr(buffer.data(), dots, parentNr);
      if (directory.inode().has(Inode.FLAG_INDEX)) {
        indexChanged(handle, buffer, HtreeNode.ROOT_TABLE_OFFSET);
      } else {
        leafChanged(handle, buffer);
      }
    }
  }

  private void parentInline(Handle handle, long parentNr) {
    handle.access(directory.block().buffer());
    long stamp = directory.fieldLock().writeLock();
    try {
      InlineDirectory.parentInodeNr(directory.inode(), parentNr);
      directory.block().changed(handle);
    } finally {
      directory.fieldLock().unlockWrite(stamp);
    }
  }

  /** Fills the first block of a directory that was just made. */
  void makeFirstBlock(Handle handle, long parentNr) throws IOException {
    try (MetadataBuffer block = append(handle)) {
      int type = typeCode(FileKind.DIRECTORY);
      leaf.writeDots(block.data(), directory.inodeNr(), parentNr, type);
      leafChanged(handle, block);
    }
  }

  /** Fills the first block of a directory that had its entries in its inode. */
  void fillFirstBlock(Handle handle, MetadataBuffer block, long parentNr, MemorySegment entries) {
    int type = typeCode(FileKind.DIRECTORY);
    leaf.writeDots(block.data(), directory.inodeNr(), parentNr, type);
    LeafSplit all = LeafSplit.gather(entries, leaf, blockSizeBytes);
    all.insert(block.data());
    leafChanged(handle, block);
  }

  /** Adds an entry to a leaf. @return false if it has no room */
  boolean insertIn(Handle handle, MetadataBuffer buffer, byte[] name, long inodeNr, int typeCode) {
    int room = leaf.findRoom(buffer.data(), name.length);
    if (room == DirectoryLeaf.NONE) {
      return false;
    }
    handle.access(buffer);
    leaf.insert(buffer.data(), room, name, inodeNr, typeCode);
    leafChanged(handle, buffer);
    return true;
  }

  /** Adds a block at the directory's end. The caller fills it and says that it changed. */
  MetadataBuffer append(Handle handle) throws IOException {
    long stamp = directory.fieldLock().writeLock();
    try {
      Inode inode = directory.inode();
      long count = directory.view().sizeBytes() / blockSizeBytes;
      long blockNr =
          new BlockAppender(volume.context(), allocator, directory).append(handle, count);
      inode.size((count + 1) * blockSizeBytes);
      directory.block().changed(handle);
      long role = BlockRole.directory(directory.inodeNr(), count == 0);
      MetadataBuffer buffer = volume.context().cache().create(blockNr, role);
      buffer.writeOrder(WriteOrder.UNREFERENCED);
      handle.access(buffer);
      return buffer;
    } finally {
      directory.fieldLock().unlockWrite(stamp);
    }
  }

  void leafChanged(Handle handle, MetadataBuffer buffer) {
    buffer.checksum(
        checksummed
            ? (block, blockNr) -> DirectoryEntry.updateTail(block, blockSizeBytes, inodeSeed)
            : ChecksumUpdate.NONE);
    handle.dirty(buffer);
  }

  void indexChanged(Handle handle, MetadataBuffer buffer, int table) {
    buffer.checksum(
        checksummed
            ? (block, blockNr) -> HtreeNode.updateChecksum(block, table, inodeSeed)
            : ChecksumUpdate.NONE);
    handle.dirty(buffer);
  }

  DirectoryBlocks blocks() throws CorruptStructureException {
    return new DirectoryBlocks(volume, directory.view());
  }

  LiveInode directory() {
    return directory;
  }

  boolean isChecksummed() {
    return checksummed;
  }

  private boolean canBeIndexed() {
    return volume.has(Feature.DIR_INDEX)
        && DirectoryHash.isKnown(volume.context().superblock().defaultHashVersion());
  }

  private int typeCode(FileKind kind) {
    return typed ? kind.entryCode() : 0;
  }

  private @Nullable DirectorySlot findDots(DirectoryBlocks blocks, byte[] name) throws IOException {
    try (MetadataBuffer buffer = blocks.get(0)) {
      int entry = leaf.find(buffer.data(), name);
      return entry == DirectoryLeaf.NONE
          ? null
          : new DirectorySlot(0, entry, DirectoryEntry.inodeNr(buffer.data(), entry));
    }
  }

  private @Nullable DirectorySlot findIn(DirectoryBlocks blocks, long block, byte[] name)
      throws IOException {
    try (MetadataBuffer buffer = blocks.getNext(block)) {
      boolean index =
          blocks.isIndexed()
              && (block == 0 || DirectoryBlockCheck.isIndexNode(buffer.data(), blockSizeBytes));
      int entry = index ? DirectoryLeaf.NONE : find(buffer, name);
      return entry == DirectoryLeaf.NONE
          ? null
          : new DirectorySlot(block, entry, DirectoryEntry.inodeNr(buffer.data(), entry));
    }
  }

  private int find(MetadataBuffer buffer, byte[] name) {
    return ignoresCase() ? leaf.findFolded(buffer.data(), name) : leaf.find(buffer.data(), name);
  }

  /** A place that stands for the names beyond ASCII in a block, or null if there are none. */
  private @Nullable DirectorySlot foreign(DirectoryBlocks blocks, long block) throws IOException {
    try (MetadataBuffer buffer = blocks.getNext(block)) {
      boolean index =
          blocks.isIndexed()
              && (block == 0 || DirectoryBlockCheck.isIndexNode(buffer.data(), blockSizeBytes));
      return index || leaf.isAscii(buffer.data())
          ? null
          : new DirectorySlot(block, DirectoryLeaf.NONE, 0);
    }
  }
}
