package dev.dioring.engine.memory;

import dev.dioring.bindings.Mmap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of equal, aligned buffers cut from one slab of pages. Thread-safe; taking and
 * returning a buffer is lock-free and allocates nothing unless somebody has to wait.
 *
 * <p>The slab stays where it is until the pool is closed, so a ring can register it once. Its pages
 * are never unmapped while a buffer is out: whoever holds one may still have I/O in flight on it.
 */
public final class BufferPool implements AutoCloseable {
  /** Largest piece of memory that io_uring registers as one buffer. */
  private static final long REGION_BYTES_MAX = 1L << 30;

  private static final int PAGE_BYTES = 4096;

  /** Added to {@link #users} by closing: the count below it is that of the buffers still out. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment slab;
  private final IoBuffer[] buffers;
  private final int bufferBytes;
  private final int buffersPerRegion;
  private final FreeList free;

  /** Buffers that are out, with {@link #CLOSED} set once no more are given out. */
  private final AtomicInteger users = new AtomicInteger();

  /** Threads in {@link #acquire}; raised before they look once more, so no release is missed. */
  private final AtomicInteger waiters = new AtomicInteger();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();

  /**
   * Maps the slab, zeroed.
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
    buffersPerRegion = (int) (REGION_BYTES_MAX / bufferBytes);
    slab = map(arena, (long) bufferBytes * count, alignmentBytes);
    free = new FreeList(count);
    buffers = new IoBuffer[count];
    for (int i = 0; i < count; i++) {
      buffers[i] = new IoBuffer(this, slab.asSlice((long) i * bufferBytes, bufferBytes), i);
    }
  }

  /**
   * Takes a buffer, or null when all are out.
   *
   * @throws IllegalStateException if the pool is closed
   */
  public @Nullable IoBuffer tryAcquire() {
    enter();
    int number = free.pop();
    if (number == FreeList.EMPTY) {
      leave();
      return null;
    }
    IoBuffer buffer = buffers[number];
    buffer.taken();
    return buffer;
  }

  /**
   * Takes a buffer, parking while all are out.
   *
   * @throws IllegalStateException if the pool is, or meanwhile gets, closed
   */
  public IoBuffer acquire() throws InterruptedException {
    IoBuffer buffer = tryAcquire();
    return buffer != null ? buffer : awaitBuffer();
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
    return users.get() & ~CLOSED;
  }

  /** The whole slab. */
  public MemorySegment slab() {
    return slab;
  }

  /** Number of pieces the slab is registered in; no buffer lies across two. */
  public int regionCount() {
    return Math.ceilDiv(buffers.length, buffersPerRegion);
  }

  /** A piece of the slab, for registration with a ring. */
  public MemorySegment region(int region) {
    long regionBytes = (long) buffersPerRegion * bufferBytes;
    long start = region * regionBytes;
    return slab.asSlice(start, Math.min(regionBytes, slab.byteSize() - start));
  }

  /**
   * Records that the regions are registered as the buffers {@code firstIndex} and following. Called
   * by the device that owns the pool, before anybody else sees it.
   */
  public void registeredFrom(int firstIndex) {
    for (int i = 0; i < buffers.length; i++) {
      buffers[i].registeredAs(firstIndex + i / buffersPerRegion);
    }
  }

  /**
   * Frees the memory. The devices that use it must be closed first. Idempotent.
   *
   * @throws IllegalStateException if buffers are still out, which is a leak or a close too early;
   *     the memory is then freed by the last release
   */
  @Override
  public void close() {
    int leaked = retire();
    if (leaked != 0) {
      throw new IllegalStateException(leaked + " of " + buffers.length + " buffers not released");
    }
  }

  /**
   * Gives out no more buffers and frees the memory as soon as none is out. Idempotent.
   *
   * @return the number of buffers still out
   */
  public int retire() {
    int before = users.getAndUpdate(value -> value | CLOSED);
    if (before >= 0) {
      signalWaiters();
      if (before == 0) {
        arena.close();
      }
    }
    return before & ~CLOSED;
  }

  /**
   * Keeps the memory mapped until the process ends, whatever is released or closed: a kernel whose
   * ring failed may still write to it. Counts as one buffer out.
   */
  public void keepForEver() {
    users.incrementAndGet();
  }

  void returned(int number) {
    free.push(number);
    leave();
    if (waiters.get() != 0) {
      signalWaiters();
    }
  }

  private IoBuffer awaitBuffer() throws InterruptedException {
    lock.lockInterruptibly();
    waiters.incrementAndGet();
    try {
      IoBuffer buffer = tryAcquire();
      while (buffer == null) {
        released.await();
        buffer = tryAcquire();
      }
      return buffer;
    } finally {
      waiters.decrementAndGet();
      lock.unlock();
    }
  }

  private void signalWaiters() {
    lock.lock();
    try {
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Counts a buffer as out before it is looked for, so that closing cannot free it meanwhile. */
  private void enter() {
    int seen = users.get();
    while (seen >= 0 && !users.compareAndSet(seen, seen + 1)) {
      seen = users.get();
    }
    if (seen < 0) {
      throw new IllegalStateException("the buffer pool is closed");
    }
  }

  private void leave() {
    if (users.decrementAndGet() == CLOSED) {
      arena.close();
    }
  }

  private static MemorySegment map(Arena arena, long lengthBytes, int alignmentBytes) {
    if (alignmentBytes <= PAGE_BYTES) {
      return Mmap.anonymous(arena, lengthBytes);
    }
    MemorySegment mapped = Mmap.anonymous(arena, lengthBytes + alignmentBytes);
    long skip = -mapped.address() & (alignmentBytes - 1);
    return mapped.asSlice(skip, lengthBytes);
  }
}
