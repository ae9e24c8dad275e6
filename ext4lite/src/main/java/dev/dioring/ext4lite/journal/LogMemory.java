package dev.dioring.ext4lite.journal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory for the blocks of transactions in the shape of the log: blocks taken one after the other
 * lie one after the other, so that many go out in one write. A chunk is used again once none of its
 * blocks is needed, in the log or for the checkpoint. Thread-safe.
 */
final class LogMemory implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int IDLE_CHUNKS_MAX = 4;

  /** Some blocks in one piece. */
  static final class Chunk {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private int taken;
    private int live;

    private Chunk(int bytes) {
      memory = arena.allocate(bytes, PAGE_BYTES);
    }
  }

  /** One block of a chunk. */
  record Block(Chunk chunk, long byteOffset, int sizeBytes) {
    MemorySegment memory() {
      return chunk.memory.asSlice(byteOffset, sizeBytes);
    }

    /** This block and those behind it. */
    MemorySegment run(int count) {
      return chunk.memory.asSlice(byteOffset, (long) count * sizeBytes);
    }

    boolean isFollowedBy(Block next) {
      return chunk == next.chunk && byteOffset + sizeBytes == next.byteOffset;
    }
  }

  private final int blockSizeBytes;
  private final int blocksPerChunk;
  private final Set<Chunk> chunks = new HashSet<>();
  private final ArrayDeque<Chunk> idle = new ArrayDeque<>();
  private @Nullable Chunk current;
  private long allocatedBytes;

  LogMemory(int blockSizeBytes) {
    this.blockSizeBytes = blockSizeBytes;
    blocksPerChunk = Math.max(4, CHUNK_BYTES / blockSizeBytes);
  }

  /** Bytes of all chunks. */
  synchronized long allocatedBytes() {
    return allocatedBytes;
  }

  /** Takes a block, behind the last one taken if that has room behind it. */
  synchronized Block take() {
    Chunk chunk = current;
    if (chunk == null || chunk.taken == blocksPerChunk) {
      chunk = idle.isEmpty() ? grow() : idle.removeLast();
      current = chunk;
    }
    chunk.live++;
    return new Block(chunk, (long) chunk.taken++ * blockSizeBytes, blockSizeBytes);
  }

  /** Gives a block back. */
  synchronized void give(Block block) {
    Chunk chunk = block.chunk;
    if (--chunk.live > 0) {
      return;
    }
    chunk.taken = 0;
    if (chunk == current) {
      return;
    }
    if (idle.size() < IDLE_CHUNKS_MAX) {
      idle.addLast(chunk);
    } else {
      allocatedBytes -= chunk.memory.byteSize();
      chunks.remove(chunk);
      chunk.arena.close();
    }
  }

  /** Frees all memory, that of blocks still taken after an abort too; no I/O uses any of it. */
  @Override
  public synchronized void close() {
    chunks.forEach(chunk -> chunk.arena.close());
    chunks.clear();
    idle.clear();
    current = null;
  }

  private Chunk grow() {
    Chunk chunk = new Chunk(blocksPerChunk * blockSizeBytes);
    allocatedBytes += chunk.memory.byteSize();
    chunks.add(chunk);
    return chunk;
  }
}
