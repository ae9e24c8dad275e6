package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.QuotaBlock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The quota file of one kind: finds the entry of an owner, and makes one. Its blocks are metadata
 * to the journal. The lock of {@link Quotas} guards it, its inode and its extents.
 */
final class QuotaFile implements AutoCloseable {
  /** Owners whose entries are remembered. */
  private static final int KNOWN_MAX = 4096;

  private final VolumeContext volume;
  private final QuotaKind kind;
  private final InodeBlock owner;
  private final ExtentTree tree;
  private final int blockShift;
  private final ExtentRun run = new ExtentRun();

  /** Numbers of entries, by owner. */
  private final Map<Long, Long> known = new HashMap<>();

  QuotaFile(VolumeContext volume, QuotaKind kind, InodeBlock owner) {
    this.volume = volume;
    this.kind = kind;
    this.owner = owner;
    tree = new ExtentTree(volume, owner.inode(), owner.inodeNr());
    blockShift = volume.groups().blockSizeShift();
  }

  QuotaKind kind() {
    return kind;
  }

  long inodeNr() {
    return owner.inodeNr();
  }

  /** A block of the file, pinned in the volume's block around it. */
  record Place(MetadataBuffer buffer, long base) implements AutoCloseable {
    MemorySegment data() {
      return buffer.data();
    }

    @Override
    public void close() {
      buffer.close();
    }
  }

  /** Checks that it is a quota file, as far as its first block tells. */
  void check() throws IOException {
    try (Place header = block(0)) {
      require("magic", kind.magic(), QuotaBlock.magic(header.data(), header.base()));
      require("version", QuotaBlock.VERSION, QuotaBlock.version(header.data(), header.base()));
      long count = QuotaBlock.blocks(header.data(), header.base());
      if (count * QuotaBlock.SIZE_BYTES > owner.inode().size()) {
        throw corrupt("blocks", "within the file", Long.toString(count));
      }
    }
  }

  /** How long a soft limit may be exceeded. */
  long graceSeconds(boolean ofSpace) throws IOException {
    try (Place header = block(0)) {
      return QuotaBlock.graceSeconds(header.data(), header.base(), ofSpace);
    }
  }

  /**
   * Looks an owner up.
   *
   * @return number of the entry, or -1 if there is none
   */
  long find(long id) throws IOException {
    Long seen = known.get(id);
    return seen == null ? remember(id, search(id)) : seen;
  }

  private long remember(long id, long entryNr) {
    if (known.size() >= KNOWN_MAX) {
      known.clear();
    }
    if (entryNr >= 0) {
      known.put(id, entryNr);
    }
    return entryNr;
  }

  private long search(long id) throws IOException {
    long blockNr = QuotaBlock.ROOT_BLOCK;
    for (int level = 0; level < QuotaBlock.LEVELS; level++) {
      try (Place block = block(blockNr)) {
        blockNr = QuotaBlock.reference(block.data(), block.base(), level, id);
      }
      if (blockNr == 0) {
        return -1;
      }
    }
    try (Place data = block(blockNr)) {
      for (int i = 0; i < QuotaBlock.ENTRIES; i++) {
        long entry = QuotaBlock.entry(data.base(), i);
        if (QuotaBlock.id(data.data(), entry) == id && QuotaBlock.isInUse(data.data(), entry)) {
          return blockNr * QuotaBlock.ENTRIES + i;
        }
      }
    }
    throw corrupt("data block " + blockNr, "an entry for " + id, "none");
  }

  /** The block of an entry. */
  Place blockOf(long entryNr) throws IOException {
    return block(entryNr / QuotaBlock.ENTRIES);
  }

  /** Where an entry starts in its block. */
  static long offset(Place block, long entryNr) {
    return QuotaBlock.entry(block.base(), (int) (entryNr % QuotaBlock.ENTRIES));
  }

  /** The entry of owner 0 must not be all zeros, which would say that it is free. */
  static void keepInUse(MemorySegment data, long entry) {
    if (!QuotaBlock.isInUse(data, entry)) {
      QuotaBlock.graceEndSeconds(data, entry, false, 1);
    }
  }

  /** Makes an entry for an owner that has none. @return its number */
  long insert(Handle handle, BlockAllocator allocator, long id) throws IOException {
    try (Place header = block(0)) {
      handle.access(header.buffer());
      long blockNr = QuotaBlock.freeEntry(header.data(), header.base());
      if (blockNr == 0) {
        blockNr = newBlock(handle, allocator, header);
        QuotaBlock.freeEntry(header.data(), header.base(), blockNr);
      }
      long entryNr = take(handle, header, blockNr, id);
      handle.dirty(header.buffer());
      refer(handle, allocator, header, id, blockNr);
      return remember(id, entryNr);
    }
  }

  private long take(Handle handle, Place header, long blockNr, long id) throws IOException {
    try (Place data = block(blockNr)) {
      int index = 0;
      while (index < QuotaBlock.ENTRIES
          && QuotaBlock.isInUse(data.data(), QuotaBlock.entry(data.base(), index))) {
        index++;
      }
      if (index == QuotaBlock.ENTRIES) {
        throw corrupt("data block " + blockNr, "a free entry", "none");
      }
      handle.access(data.buffer());
      int inUse = QuotaBlock.entriesInUse(data.data(), data.base()) + 1;
      QuotaBlock.entriesInUse(data.data(), data.base(), inUse);
      long entry = QuotaBlock.entry(data.base(), index);
      QuotaBlock.id(data.data(), entry, id);
      keepInUse(data.data(), entry);
      if (inUse == QuotaBlock.ENTRIES) {
        dropFromFree(handle, header, data);
      }
      handle.dirty(data.buffer());
      return blockNr * QuotaBlock.ENTRIES + index;
    }
  }

  /** The first data block with room has none any more. */
  private void dropFromFree(Handle handle, Place header, Place full) throws IOException {
    long next = QuotaBlock.next(full.data(), full.base());
    QuotaBlock.freeEntry(header.data(), header.base(), next);
    QuotaBlock.next(full.data(), full.base(), 0);
    if (next != 0) {
      try (Place following = block(next)) {
        handle.access(following.buffer());
        QuotaBlock.previous(following.data(), following.base(), 0);
        handle.dirty(following.buffer());
      }
    }
  }

  private void refer(
      Handle handle, BlockAllocator allocator, Place header, long id, long dataBlockNr)
      throws IOException {
    long at = QuotaBlock.ROOT_BLOCK;
    for (int level = 0; level < QuotaBlock.LEVELS; level++) {
      try (Place block = block(at)) {
        at = QuotaBlock.reference(block.data(), block.base(), level, id);
        if (at == 0) {
          boolean last = level == QuotaBlock.LEVELS - 1;
          at = last ? dataBlockNr : newBlock(handle, allocator, header);
          handle.access(block.buffer());
          QuotaBlock.reference(block.data(), block.base(), level, id, at);
          handle.dirty(block.buffer());
        }
      }
    }
  }

  /** An empty block: one that is not in use any more, or one more at the end. */
  private long newBlock(Handle handle, BlockAllocator allocator, Place header) throws IOException {
    long blockNr = QuotaBlock.freeBlock(header.data(), header.base());
    if (blockNr == 0) {
      blockNr = QuotaBlock.blocks(header.data(), header.base());
      grow(handle, allocator, blockNr);
      QuotaBlock.blocks(header.data(), header.base(), blockNr + 1);
    }
    try (Place made = block(blockNr)) {
      handle.access(made.buffer());
      if (QuotaBlock.freeBlock(header.data(), header.base()) == blockNr) {
        long next = QuotaBlock.next(made.data(), made.base());
        QuotaBlock.freeBlock(header.data(), header.base(), next);
      }
      made.data().asSlice(made.base(), QuotaBlock.SIZE_BYTES).fill((byte) 0);
      handle.dirty(made.buffer());
    }
    handle.dirty(header.buffer());
    return blockNr;
  }

  private void grow(Handle handle, BlockAllocator allocator, long blockNr) throws IOException {
    long byteOffset = blockNr * QuotaBlock.SIZE_BYTES;
    long fileBlockNr = byteOffset >>> blockShift;
    handle.access(owner.buffer());
    tree.lookUp(fileBlockNr, run);
    if (run.state == ExtentRun.State.HOLE) {
      append(handle, allocator, fileBlockNr);
    }
    long size = byteOffset + QuotaBlock.SIZE_BYTES;
    owner.inode().size(Math.max(owner.inode().size(), size));
    owner.changed(handle);
  }

  private void append(Handle handle, BlockAllocator allocator, long fileBlockNr)
      throws IOException {
    SharedClusters clusters = new SharedClusters(volume.groups(), tree);
    ExtentWriter writer = new ExtentWriter(volume, owner, tree, allocator);
    long diskBlockNr;
    long stamp = tree.lock().writeLock();
    try {
      diskBlockNr = clusters.place(fileBlockNr);
      if (diskBlockNr == 0) {
        long goal = allocator.goalFor(owner.inodeNr());
        diskBlockNr = allocator.allocateNode(handle, goal) + clusters.offset(fileBlockNr);
        allocator.charge(handle, owner, 1);
      }
      writer.insert(handle, fileBlockNr, 1, diskBlockNr, false);
    } finally {
      tree.lock().unlockWrite(stamp);
    }
    try (MetadataBuffer buffer = volume.cache().create(diskBlockNr, BlockRole.quota())) {
      buffer.writeOrder(WriteOrder.UNREFERENCED);
      handle.access(buffer);
      handle.dirty(buffer);
    }
  }

  private Place block(long blockNr) throws IOException {
    long byteOffset = blockNr * QuotaBlock.SIZE_BYTES;
    if (byteOffset >= owner.inode().size()) {
      throw corrupt("number of a block", "within the file", Long.toString(blockNr));
    }
    long fileBlockNr = byteOffset >>> blockShift;
    tree.lookUp(fileBlockNr, run);
    if (run.state != ExtentRun.State.WRITTEN) {
      throw corrupt("block " + blockNr, "written", run.state.toString());
    }
    long diskBlockNr = run.startBlockNr + (fileBlockNr - run.fileBlockNr);
    MetadataBuffer buffer = volume.cache().get(diskBlockNr, BlockRole.quota(), b -> {});
    return new Place(buffer, byteOffset & ((1L << blockShift) - 1));
  }

  private void require(String predicate, int expected, int found) throws CorruptStructureException {
    if (expected != found) {
      throw corrupt(
          predicate, "0x" + Integer.toHexString(expected), "0x" + Integer.toHexString(found));
    }
  }

  private CorruptStructureException corrupt(String predicate, String expected, String found) {
    return new CorruptStructureException(
        "quota file in inode " + owner.inodeNr(), predicate, expected, found);
  }

  @Override
  public void close() {
    owner.buffer().close();
  }
}
