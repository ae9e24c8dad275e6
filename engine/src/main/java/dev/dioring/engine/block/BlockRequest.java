package dev.dioring.engine.block;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One block I/O. The caller owns the object and reuses it: a device allocates nothing for it and
 * keeps a reference only from {@link BlockDevice#submit} until {@link #completed} is entered.
 *
 * <p>The fields may be set only while the request is idle. Its memory must stay alive and unmoved
 * until the completion, on every path, cancellation and close included. A device that failed as a
 * whole completes it with EIO although the medium may still write to it: see {@link
 * BlockDevice#buffers}.
 */
public abstract class BlockRequest {
  /** Value of {@link #bufferIndex()} for memory that is not registered with the device. */
  public static final int NOT_REGISTERED = -1;

  /** Segments of a vectored transfer at most. */
  public static final int VECTOR_MAX = 64;

  private BlockOp op = BlockOp.FLUSH;
  private long byteOffset;
  private long lengthBytes;
  private @Nullable MemorySegment memory;
  private MemorySegment @Nullable [] vector;
  private int vectorCount;
  private boolean fua;
  private int bufferIndex = NOT_REGISTERED;

  /** Where the window that it went through starts in what is below; 0 while it is idle. */
  private long shiftBytes;

  /** Next in a queue of the device that holds the request; nobody else touches it. */
  @Nullable BlockRequest next;

  /**
   * Called exactly once per submission, on the device's completion thread; once the device is
   * closed, on a thread that submits. The request is idle again on entry, so it may be prepared and
   * submitted anew from here without a hop. Must not block, and must not throw.
   *
   * @param result bytes transferred for READ and WRITE, fewer than asked only where the medium
   *     ends; 0 for the other operations; {@code -errno} on failure
   */
  protected abstract void completed(int result);

  /**
   * Completes the request; for devices. A callback that throws is a defect, but the device goes on.
   *
   * @param result as {@link #completed} takes it
   */
  public final void complete(int result) {
    shiftBytes = 0;
    try {
      completed(result);
    } catch (RuntimeException | Error e) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  /** Prepares a read of the whole segment. */
  public final BlockRequest read(long byteOffset, MemorySegment memory) {
    return transfer(BlockOp.READ, byteOffset, memory, false);
  }

  /** Prepares a write of the whole segment. */
  public final BlockRequest write(long byteOffset, MemorySegment memory) {
    return transfer(BlockOp.WRITE, byteOffset, memory, false);
  }

  /** Prepares a write that is durable once it completes, by FUA or by a flush behind it. */
  public final BlockRequest writeFua(long byteOffset, MemorySegment memory) {
    return transfer(BlockOp.WRITE, byteOffset, memory, true);
  }

  /** Prepares a read scattered over the first {@code count} segments, in order. */
  public final BlockRequest readv(long byteOffset, MemorySegment[] segments, int count) {
    return vectored(BlockOp.READ, byteOffset, segments, count);
  }

  /** Prepares a write gathered from the first {@code count} segments, in order. */
  public final BlockRequest writev(long byteOffset, MemorySegment[] segments, int count) {
    return vectored(BlockOp.WRITE, byteOffset, segments, count);
  }

  /** Prepares a cache flush. */
  public final BlockRequest flush() {
    return range(BlockOp.FLUSH, 0, 0);
  }

  /** Prepares a discard. */
  public final BlockRequest discard(long byteOffset, long lengthBytes) {
    return range(BlockOp.DISCARD, byteOffset, lengthBytes);
  }

  /** Prepares a zeroing of a range. */
  public final BlockRequest writeZeroes(long byteOffset, long lengthBytes) {
    return range(BlockOp.WRITE_ZEROES, byteOffset, lengthBytes);
  }

  /** Names the registered buffer that the prepared memory lies in; cleared by each preparation. */
  public final BlockRequest registered(int bufferIndex) {
    this.bufferIndex = bufferIndex;
    return this;
  }

  public final BlockOp op() {
    return op;
  }

  public final long byteOffset() {
    return byteOffset + shiftBytes;
  }

  /** Moves it on its way down through a window, until it completes. */
  final void shift(long bytes) {
    shiftBytes += bytes;
  }

  /** What durability is asked for is not wanted. */
  final void withoutFua() {
    fua = false;
  }

  public final long lengthBytes() {
    return lengthBytes;
  }

  /** The memory of a transfer with one segment, else null. */
  public final @Nullable MemorySegment memory() {
    return memory;
  }

  /** The segments of a vectored transfer, else null; only the first {@link #vectorCount} count. */
  public final MemorySegment @Nullable [] vector() {
    return vector;
  }

  public final int vectorCount() {
    return vectorCount;
  }

  public final boolean fua() {
    return fua;
  }

  public final int bufferIndex() {
    return bufferIndex;
  }

  /** What it does, for messages. */
  final String operation() {
    return op.name().toLowerCase(Locale.ROOT).replace('_', ' ') + (fua ? " (FUA)" : "");
  }

  @Override
  public String toString() {
    return op + (fua ? "+FUA" : "") + " " + lengthBytes + " bytes at " + byteOffset();
  }

  private BlockRequest transfer(BlockOp op, long byteOffset, MemorySegment memory, boolean fua) {
    range(op, byteOffset, memory.byteSize());
    this.memory = memory;
    this.fua = fua;
    return this;
  }

  private BlockRequest vectored(BlockOp op, long byteOffset, MemorySegment[] segments, int count) {
    long total = 0;
    for (int i = 0; i < count; i++) {
      total += segments[i].byteSize();
    }
    range(op, byteOffset, total);
    this.vector = segments;
    this.vectorCount = count;
    return this;
  }

  private BlockRequest range(BlockOp op, long byteOffset, long lengthBytes) {
    this.op = op;
    this.byteOffset = byteOffset;
    this.shiftBytes = 0;
    this.lengthBytes = lengthBytes;
    this.memory = null;
    this.vector = null;
    this.vectorCount = 0;
    this.fua = false;
    this.bufferIndex = NOT_REGISTERED;
    return this;
  }
}
