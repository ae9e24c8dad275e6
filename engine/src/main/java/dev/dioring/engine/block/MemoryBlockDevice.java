package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A block device in memory, for tests: one completion thread performs the requests in order, as a
 * device would, and runs their completions.
 */
public final class MemoryBlockDevice implements BlockDevice {
  private static final int SECTOR_BYTES = 512;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int BUFFER_COUNT = 64;
  private static final int MAX_TRANSFER_BYTES = 1 << 30;

  private final String name;
  private final Geometry geometry;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment medium;
  private final BufferPool buffers = new BufferPool(BUFFER_BYTES, BUFFER_COUNT, 4096);
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Refusals refusals = new Refusals();

  /** Requests not yet performed; guarded by the lock. */
  private final ArrayDeque<BlockRequest> queue = new ArrayDeque<>();

  /** Guarded by the lock. */
  private boolean closed;

  /** Makes a zeroed device with 512-byte sectors and a volatile cache without FUA. */
  public MemoryBlockDevice(String name, long sizeBytes) {
    this(name, sizeBytes, true, false);
  }

  /** Makes a zeroed device with 512-byte sectors. */
  public MemoryBlockDevice(String name, long sizeBytes, boolean volatileCache, boolean fua) {
    this.name = name;
    geometry =
        new Geometry(
            sizeBytes,
            SECTOR_BYTES,
            SECTOR_BYTES,
            SECTOR_BYTES,
            SECTOR_BYTES,
            MAX_TRANSFER_BYTES,
            volatileCache,
            fua,
            true,
            true,
            false);
    medium = arena.allocate(sizeBytes, 4096);
    thread = Thread.ofPlatform().daemon().name("dioring-memory/" + name).start(this::run);
  }

  /** The medium itself, to prepare and inspect it while nothing is in flight. */
  public MemorySegment medium() {
    return medium;
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities("memory", "as asked", "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public BufferPool buffers() {
    return buffers;
  }

  @Override
  public boolean onCompletionThread() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void submit(BlockRequest request) {
    boolean refused;
    lock.lock();
    try {
      refused = closed;
      if (!refused) {
        queue.add(request);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
    if (refused) {
      refusals.refuse(request);
    }
  }

  @Override
  public void close() {
    if (onCompletionThread()) {
      throw new IllegalStateException("a device cannot be closed from its completion thread");
    }
    boolean first;
    lock.lock();
    try {
      first = !closed;
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    Uninterruptibly.join(thread);
    if (first) {
      arena.close();
      buffers.close();
    }
  }

  private void run() {
    for (BlockRequest r = next(); r != null; r = next()) {
      int refused = Alignment.check(geometry, r);
      r.complete(refused != 0 ? refused : perform(r));
    }
  }

  private @Nullable BlockRequest next() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      return queue.poll();
    } finally {
      lock.unlock();
    }
  }

  private int perform(BlockRequest r) {
    return switch (r.op()) {
      case FLUSH, DISCARD -> 0;
      case WRITE_ZEROES -> {
        medium.asSlice(r.byteOffset(), r.lengthBytes()).fill((byte) 0);
        yield 0;
      }
      case READ, WRITE -> transfer(r);
    };
  }

  /** Copies as a kernel does: memory that goes away under it is an error and no end. */
  private int transfer(BlockRequest r) {
    try {
      return copy(r);
    } catch (IllegalStateException | WrongThreadException e) {
      return -Errno.EFAULT;
    }
  }

  private int copy(BlockRequest r) {
    long at = r.byteOffset();
    long end = Math.min(geometry.sizeBytes(), at + r.lengthBytes());
    int segments = r.memory() != null ? 1 : r.vectorCount();
    for (int i = 0; i < segments && at < end; i++) {
      MemorySegment memory = segment(r, i);
      long length = Math.min(memory.byteSize(), end - at);
      if (r.op() == BlockOp.READ) {
        MemorySegment.copy(medium, at, memory, 0, length);
      } else {
        MemorySegment.copy(memory, 0, medium, at, length);
      }
      at += length;
    }
    return (int) Math.max(0, at - r.byteOffset());
  }

  static MemorySegment segment(BlockRequest r, int index) {
    MemorySegment memory = r.memory();
    MemorySegment[] vector = r.vector();
    if (memory != null) {
      return memory;
    }
    if (vector == null) {
      throw new AssertionError("a transfer without memory: " + r);
    }
    return vector[index];
  }
}
