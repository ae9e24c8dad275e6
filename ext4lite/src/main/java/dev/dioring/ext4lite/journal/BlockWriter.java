package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies of the dirty blocks of one epoch, and their writing. Used by the one thread that commits.
 */
final class BlockWriter implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final int SLAB_BYTES = 1 << 20;
  private static final int IN_FLIGHT_MAX = 64;

  private record Copy(
      long blockNr, WriteOrder order, ChecksumUpdate checksum, MemorySegment memory) {}

  private final BlockIo io;
  private final int blockSizeBytes;
  private final List<Copy> copies = new ArrayList<>();
  private final List<Arena> slabs = new ArrayList<>();
  private final List<MemorySegment> memory = new ArrayList<>();
  private int used;

  BlockWriter(BlockIo io, int blockSizeBytes) {
    this.io = io;
    this.blockSizeBytes = blockSizeBytes;
  }

  void begin() {
    copies.clear();
    used = 0;
  }

  /** Copies a block; the calls come in the order of block numbers. */
  void add(MetadataBuffer buffer) {
    MemorySegment copy = nextBlock();
    MemorySegment.copy(buffer.data(), 0, copy, 0, blockSizeBytes);
    copies.add(new Copy(buffer.blockNr(), buffer.writeOrder(), buffer.checksum(), copy));
  }

  void updateChecksums() {
    for (Copy copy : copies) {
      copy.checksum.update(copy.memory, copy.blockNr);
    }
  }

  /**
   * Writes the copies of one order and waits for them.
   *
   * @return whether there were any
   */
  boolean write(WriteOrder order) throws BlockIoException {
    PendingWrites writes = new PendingWrites(io, IN_FLIGHT_MAX);
    boolean any = false;
    try {
      for (Copy copy : copies) {
        if (copy.order == order) {
          writes.add(copy.blockNr * blockSizeBytes, copy.memory);
          any = true;
        }
      }
    } finally {
      // Once every write has ended, failed or not, the copies' memory is free again.
      writes.await();
    }
    return any;
  }

  @Override
  public void close() {
    slabs.forEach(Arena::close);
  }

  private MemorySegment nextBlock() {
    int perSlab = Math.max(1, SLAB_BYTES / blockSizeBytes);
    if (used == memory.size()) {
      Arena arena = Arena.ofShared();
      slabs.add(arena);
      MemorySegment slab = arena.allocate((long) perSlab * blockSizeBytes, PAGE_BYTES);
      for (int i = 0; i < perSlab; i++) {
        memory.add(slab.asSlice((long) i * blockSizeBytes, blockSizeBytes));
      }
    }
    return memory.get(used++);
  }
}
