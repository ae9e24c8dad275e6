package dev.dioring.ext4lite.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

/** Memory for cached blocks, cut from aligned slabs that are added as the cache grows. */
final class BufferMemory implements AutoCloseable {
  private static final int SLAB_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;
  private static final int EVICTIONS_MAX = 8;

  private final Arena arena = Arena.ofShared();
  private final int blockSizeBytes;
  private final long limitBytes;

  /** Free blocks; guarded by itself, never across anything that waits. */
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

  private long allocatedBytes;

  BufferMemory(int blockSizeBytes, long limitBytes) {
    this.blockSizeBytes = blockSizeBytes;
    this.limitBytes = limitBytes;
  }

  /**
   * Takes a block's memory. At the limit idle blocks are evicted first; if none is idle the cache
   * grows over it, for dirty and pinned blocks cannot wait.
   *
   * @param evict gives one idle block's memory back, if there is one
   */
  MemorySegment take(BooleanSupplier evict) {
    for (int i = 0; i < EVICTIONS_MAX && isFull(); i++) {
      if (!evict.getAsBoolean()) {
        break;
      }
    }
    synchronized (free) {
      if (free.isEmpty()) {
        grow();
      }
      return free.removeLast();
    }
  }

  void give(MemorySegment block) {
    synchronized (free) {
      free.addLast(block);
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  long limitBytes() {
    return limitBytes;
  }

  long allocatedBytes() {
    synchronized (free) {
      return allocatedBytes;
    }
  }

  private boolean isFull() {
    synchronized (free) {
      return free.isEmpty() && allocatedBytes >= limitBytes;
    }
  }

  private void grow() {
    int bytes = Math.max(SLAB_BYTES, blockSizeBytes);
    MemorySegment slab = arena.allocate(bytes, PAGE_BYTES);
    allocatedBytes += bytes;
    for (long at = 0; at + blockSizeBytes <= bytes; at += blockSizeBytes) {
      free.addLast(slab.asSlice(at, blockSizeBytes));
    }
  }
}
