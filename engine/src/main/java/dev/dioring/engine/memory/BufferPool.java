package dev.dioring.engine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of equal, aligned buffers cut from one slab. Thread-safe.
 *
 * <p>The slab stays where it is until {@link #close}, so a ring can register it once.
 */
public final class BufferPool implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment slab;
  private final IoBuffer[] buffers;
  private final int bufferBytes;
  private final ArrayBlockingQueue<IoBuffer> free;

  /**
   * Allocates the slab, zeroed.
   *
   * @param bufferBytes size of each buffer, a multiple of {@code alignmentBytes}
   * @param count number of buffers
   * @param alignmentBytes alignment of each buffer, a power of two
   */
  public BufferPool(int bufferBytes, int count, int alignmentBytes) {
    if (bufferBytes <= 0 || count <= 0 || Integer.bitCount(alignmentBytes) != 1) {
      throw new IllegalArgumentException(
          count + " buffers of " + bufferBytes + " bytes aligned to " + alignmentBytes);
    }
    if (bufferBytes % alignmentBytes != 0) {
      throw new IllegalArgumentException(
          "buffer size " + bufferBytes + " is not a multiple of " + alignmentBytes);
    }
    this.bufferBytes = bufferBytes;
    slab = arena.allocate((long) bufferBytes * count, alignmentBytes);
    buffers = new IoBuffer[count];
    free = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      buffers[i] = new IoBuffer(this, slab.asSlice((long) i * bufferBytes, bufferBytes), i);
      free.add(buffers[i]);
    }
  }

  /** Takes a buffer, or null when all are out. */
  public @Nullable IoBuffer tryAcquire() {
    IoBuffer buffer = free.poll();
    if (buffer != null) {
      buffer.taken();
    }
    return buffer;
  }

  /** Takes a buffer, parking while all are out. */
  public IoBuffer acquire() throws InterruptedException {
    IoBuffer buffer = free.take();
    buffer.taken();
    return buffer;
  }

  /** Size of each buffer. */
  public int bufferBytes() {
    return bufferBytes;
  }

  /** Number of buffers. */
  public int count() {
    return buffers.length;
  }

  /** Buffers that are acquired and not yet released. */
  public int outstanding() {
    return buffers.length - free.size();
  }

  /** The whole slab, for registration with a ring. */
  public MemorySegment slab() {
    return slab;
  }

  /**
   * Frees the memory. The devices that use it must be closed first.
   *
   * @throws IllegalStateException if buffers are still out; the memory is then kept, as the kernel
   *     may be writing to it
   */
  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    int leaked = outstanding();
    if (leaked != 0) {
      throw new IllegalStateException(leaked + " of " + buffers.length + " buffers not released");
    }
    arena.close();
  }

  void returned(IoBuffer buffer) {
    free.add(buffer);
  }
}
