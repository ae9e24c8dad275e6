package dev.dioring.engine.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One aligned buffer of a {@link BufferPool}: acquired from it and released exactly once. */
public final class IoBuffer {
  /** Value of {@link #index()} where no device registered the pool. */
  public static final int NOT_REGISTERED = -1;

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
  private final int number;

  /** Set while the pool is private to the device that registers it, constant afterwards. */
  private int index = NOT_REGISTERED;

  /** Changed through {@link #FREE}: whoever turns it holds, or gives up, the buffer. */
  private boolean free = true;

  IoBuffer(BufferPool pool, MemorySegment segment, int number) {
    this.pool = pool;
    this.segment = segment;
    this.number = number;
  }

  /**
   * The memory, {@link BufferPool#bufferBytes()} long.
   *
   * @throws IllegalStateException if the buffer is not acquired
   */
  public MemorySegment segment() {
    if (free) {
      throw new IllegalStateException("buffer " + number + " is used after its release");
    }
    return segment;
  }

  /**
   * The registered buffer that the memory lies in, for the device that owns the pool, or {@link
   * #NOT_REGISTERED}. Several buffers share one.
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
      throw new IllegalStateException("buffer " + number + " is released twice");
    }
    pool.returned(number);
  }

  void taken() {
    if (!FREE.compareAndSet(this, true, false)) {
      throw new IllegalStateException("buffer " + number + " is acquired twice");
    }
  }

  void registeredAs(int registeredIndex) {
    index = registeredIndex;
  }
}
