package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one inode's block map. The caller holds the lock of the inode's fields for writing and
 * a journal handle; this object's scratch space is its own.
 *
 * <p>A new node is written before anything refers to it, and numbers enter the map only when what
 * they name has been written.
 */
final class IndirectWriter implements MapWriter {
  /** The inode, a node of each level with bitmap and descriptor, and those of the blocks. */
  private static final int CREDITS = 1 + 3 * BlockMap.LEVELS_MAX + 2;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final BlockAllocator allocator;
  private final BlockClaims claims;
  private final IndirectMap map;
  private final BlockMap.Place place;

  /** The nodes on the way to the place, from the top; unused ones null. */
  private final @Nullable MetadataBuffer[] nodes = new MetadataBuffer[BlockMap.LEVELS_MAX];

  IndirectWriter(
      VolumeContext volume, InodeBlock owner, BlockAllocator allocator, BlockClaims claims) {
    this.volume = volume;
    this.owner = owner;
    this.allocator = allocator;
    this.claims = claims;
    map = new IndirectMap(volume, owner.inode(), owner.inodeNr());
    place = new BlockMap.Place(BlockMap.numbersPerBlock(volume.groups().blockSizeBytes()));
  }

  @Override
  public int changeCredits() {
    return CREDITS;
  }

  @Override
  public long convert(Handle handle, long fileBlockNr, long endFileBlockNr) throws IOException {
    BlockClaims.Claim claim = claims.find(fileBlockNr);
    if (claim == null) {
      ExtentRun run = new ExtentRun();
      map.lookUp(fileBlockNr, run);
      if (run.state == ExtentRun.State.HOLE) {
        throw corrupt("blocks being written are allocated", "a hole at block " + fileBlockNr);
      }
      return Math.min(endFileBlockNr, run.endFileBlockNr());
    }
    place.set(fileBlockNr);
    long end = Math.min(endFileBlockNr, claim.endFileBlockNr());
    int length = (int) Math.min(end - fileBlockNr, place.restOfNode());
    long blockNr = claim.blockNr() + (fileBlockNr - claim.fileBlockNr());
    insert(handle, fileBlockNr, length, blockNr, false);
    allocator.take(handle, blockNr, length);
    claims.cut(fileBlockNr, fileBlockNr + length);
    allocator.charge(handle, owner, length);
    owner.changed(handle);
    return fileBlockNr + length;
  }

  /** Maps blocks, which must not reach into another node. */
  @Override
  public void insert(
      Handle handle, long fileBlockNr, int lengthBlocks, long startBlockNr, boolean unwritten)
      throws IOException {
    if (unwritten) {
      throw new IllegalArgumentException("a block map has no unwritten blocks");
    }
    if (startBlockNr + lengthBlocks > BlockMap.BLOCK_NR_MAX) {
      throw new NoSpaceException(lengthBlocks, allocator.space().freeBlocks(), 0);
    }
    place.set(fileBlockNr);
    if (place.levels() > BlockMap.LEVELS_MAX) {
      throw corrupt("file block in a block map", Long.toString(fileBlockNr));
    }
    handle.access(owner.buffer());
    try {
      if (!findNodes()) {
        makeNodes(handle);
      }
      int level = place.levels();
      access(handle, level);
      for (int i = 0; i < lengthBlocks; i++) {
        BlockMap.blockNr(memory(level), base(level), place.index(level) + i, startBlockNr + i);
      }
      changed(handle, level);
    } finally {
      closeNodes();
    }
  }

  @Override
  public long remove(Handle handle, long from, long end) throws IOException {
    ExtentRun run = new ExtentRun();
    map.lookUp(from, run);
    long stop = Math.min(end, run.endFileBlockNr());
    if (run.state == ExtentRun.State.HOLE) {
      return stop;
    }
    place.set(from);
    handle.access(owner.buffer());
    try {
      if (!findNodes()) {
        throw corrupt("nodes above a mapped block", "none for file block " + from);
      }
      int level = place.levels();
      access(handle, level);
      for (int i = 0; i < stop - from; i++) {
        BlockMap.blockNr(memory(level), base(level), place.index(level) + i, 0);
      }
      changed(handle, level);
      BlockRelease release = new BlockRelease(allocator, owner);
      long blockNr = run.startBlockNr + (from - run.fileBlockNr);
      release.data(handle, blockNr, (int) (stop - from));
      removeEmptyNodes(handle, release);
      owner.changed(handle);
    } finally {
      closeNodes();
    }
    return stop;
  }

  /** Pins the nodes that lead to the place. @return false if some are missing */
  private boolean findNodes() throws IOException {
    for (int level = 0; level < place.levels(); level++) {
      long blockNr = BlockMap.blockNr(memory(level), base(level), place.index(level));
      if (blockNr == 0) {
        return false;
      }
      nodes[level] = block(blockNr);
    }
    return true;
  }

  /** Makes the missing nodes; all blocks are allocated before any is referred to. */
  private void makeNodes(Handle handle) throws IOException {
    int first = 0;
    while (nodes[first] != null) {
      first++;
    }
    long[] blockNrs = allocate(handle, place.levels() - first);
    for (int level = first; level < place.levels(); level++) {
      long blockNr = blockNrs[level - first];
      MetadataBuffer node = volume.cache().create(blockNr, BlockRole.blockMap(owner.inodeNr()));
      node.writeOrder(WriteOrder.UNREFERENCED);
      handle.access(node);
      handle.dirty(node);
      access(handle, level);
      BlockMap.blockNr(memory(level), base(level), place.index(level), blockNr);
      changed(handle, level);
      nodes[level] = node;
    }
    allocator.charge(handle, owner, blockNrs.length);
    owner.changed(handle);
  }

  private long[] allocate(Handle handle, int count) throws IOException {
    long[] blockNrs = new long[count];
    long goal = allocator.goalFor(owner.inodeNr());
    int made = 0;
    try {
      while (made < count) {
        blockNrs[made] = allocator.allocateNode(handle, goal);
        made++;
        if (blockNrs[made - 1] > BlockMap.BLOCK_NR_MAX) {
          throw new NoSpaceException(1, allocator.space().freeBlocks(), 0);
        }
      }
      return blockNrs;
    } catch (IOException e) {
      for (int i = 0; i < made; i++) {
        allocator.freeUnused(handle, blockNrs[i], 1);
      }
      throw e;
    }
  }

  private void removeEmptyNodes(Handle handle, BlockRelease release) throws IOException {
    for (int level = place.levels(); level > 0; level--) {
      MetadataBuffer node = nodes[level - 1];
      if (node == null || node.data().mismatch(zeroes(node.data())) != -1) {
        return;
      }
      release.metadata(handle, node.blockNr());
      access(handle, level - 1);
      BlockMap.blockNr(memory(level - 1), base(level - 1), place.index(level - 1), 0);
      changed(handle, level - 1);
    }
  }

  private static MemorySegment zeroes(MemorySegment like) {
    return MemorySegment.ofArray(new byte[(int) like.byteSize()]);
  }

  /** The numbers of a level on the way: those of i_block, or those of the node before. */
  private MemorySegment memory(int level) {
    MetadataBuffer node = level == 0 ? null : nodes[level - 1];
    return node == null ? owner.inode().memory() : node.data();
  }

  private long base(int level) {
    return level == 0 ? owner.inode().byteOffset() + Inode.BLOCK_OFFSET : 0;
  }

  private void access(Handle handle, int level) {
    MetadataBuffer node = level == 0 ? null : nodes[level - 1];
    if (node != null) {
      handle.access(node);
    }
  }

  private void changed(Handle handle, int level) {
    MetadataBuffer node = level == 0 ? null : nodes[level - 1];
    if (node == null) {
      owner.changed(handle);
    } else {
      node.changedMapping();
      handle.dirty(node);
    }
  }

  private void closeNodes() {
    for (int i = 0; i < nodes.length; i++) {
      MetadataBuffer node = nodes[i];
      if (node != null) {
        node.close();
        nodes[i] = null;
      }
    }
  }

  private MetadataBuffer block(long blockNr) throws IOException {
    return IndirectMap.node(volume, owner.inodeNr(), blockNr);
  }

  private CorruptStructureException corrupt(String predicate, String found) {
    return new CorruptStructureException(
        "block map of inode " + owner.inodeNr(), predicate, "all levels", found);
  }
}
