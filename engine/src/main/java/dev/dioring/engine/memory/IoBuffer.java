package dev.dioring.engine.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One aligned buffer of a {@link BufferPool}: acquired from it and released exactly once. */
public final class IoBuffer {
  private static final VarHandle FREE;

  static {
    try {
      FREE = MethodHandles.lookup().findVarHandle(IoBuffer.class, "free", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final BufferPool pool;
  private final MemorySegment segment;
  private final int index;

  /** Written through {@link #FREE}: whoever turns it holds, or gives up, the buffer. */
  @SuppressWarnings("unused")
  private boolean free = true;

  IoBuffer(BufferPool pool, MemorySegment segment, int index) {
    this.pool = pool;
    this.segment = segment;
    this.index = index;
  }

  /** The memory, {@link BufferPool#bufferBytes()} long. Using it after close is an exception. */
  public MemorySegment segment() {
    return segment;
  }

  /**
   * Index of this buffer within its pool, which is its registered index on a device that registered
   * the pool.
   */
  public int index() {
    return index;
  }

  /**
   * Gives the buffer back. The device must be done with it.
   *
   * @throws IllegalStateException if it is not acquired, as after a second release
   */
  public void release() {
    if (!FREE.compareAndSet(this, false, true)) {
      throw new IllegalStateException("buffer " + index + " is released twice");
    }
    pool.returned(this);
  }

  void taken() {
    if (!FREE.compareAndSet(this, true, false)) {
      throw new IllegalStateException("buffer " + index + " is acquired twice");
    }
  }
}
