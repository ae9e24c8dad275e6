package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Futures and blocking calls on a block device. A blocking call parks its thread, so it does not
 * pin a virtual thread's carrier. An interrupt does not cut a call short, because the kernel still
 * has the memory; it is pending again when the call returns.
 */
public final class BlockIo {
  private final BlockDevice device;

  /** Idle requests; as many exist as calls were ever under way at once. */
  private final ConcurrentLinkedQueue<Waiter> idle = new ConcurrentLinkedQueue<>();

  public BlockIo(BlockDevice device) {
    this.device = device;
  }

  public BlockDevice device() {
    return device;
  }

  /**
   * Reads until the memory is full or the medium ends.
   *
   * @return bytes read
   */
  public int read(long byteOffset, MemorySegment memory) throws BlockIoException {
    Waiter waiter = waiter();
    waiter.read(byteOffset, memory);
    return await(waiter);
  }

  /** Reads the whole memory; a medium that ends before is an error. */
  public void readFully(long byteOffset, MemorySegment memory) throws BlockIoException {
    int count = read(byteOffset, memory);
    if (count < memory.byteSize()) {
      throw new BlockIoException(
          "read",
          device.name(),
          byteOffset,
          memory.byteSize(),
          Errno.EIO,
          "it ends after " + (byteOffset + count) + " bytes; is it truncated?");
    }
  }

  /** Writes the whole memory. */
  public void write(long byteOffset, MemorySegment memory) throws BlockIoException {
    Waiter waiter = waiter();
    waiter.write(byteOffset, memory);
    await(waiter);
  }

  /** Writes the whole memory, durably. */
  public void writeFua(long byteOffset, MemorySegment memory) throws BlockIoException {
    Waiter waiter = waiter();
    waiter.writeFua(byteOffset, memory);
    await(waiter);
  }

  /** Makes completed writes durable. */
  public void flush() throws BlockIoException {
    Waiter waiter = waiter();
    waiter.flush();
    await(waiter);
  }

  /** Discards a range. */
  public void discard(long byteOffset, long lengthBytes) throws BlockIoException {
    Waiter waiter = waiter();
    waiter.discard(byteOffset, lengthBytes);
    await(waiter);
  }

  /** Zeroes a range. */
  public void writeZeroes(long byteOffset, long lengthBytes) throws BlockIoException {
    Waiter waiter = waiter();
    waiter.writeZeroes(byteOffset, lengthBytes);
    await(waiter);
  }

  /**
   * Submits a prepared request and parks until it completes.
   *
   * @return bytes transferred or {@code -errno}
   */
  public int call(Waiter waiter) {
    if (device.onCompletionThread()) {
      throw new IllegalStateException(
          "a blocking call on the completion thread of " + device.name());
    }
    return waiter.submitAndPark(device);
  }

  public CompletableFuture<Integer> readAsync(long byteOffset, MemorySegment memory) {
    FutureRequest request = new FutureRequest();
    request.read(byteOffset, memory);
    return submit(request);
  }

  public CompletableFuture<Integer> writeAsync(long byteOffset, MemorySegment memory) {
    FutureRequest request = new FutureRequest();
    request.write(byteOffset, memory);
    return submit(request);
  }

  public CompletableFuture<Integer> flushAsync() {
    FutureRequest request = new FutureRequest();
    request.flush();
    return submit(request);
  }

  private CompletableFuture<Integer> submit(FutureRequest request) {
    device.submit(request);
    return request.future;
  }

  private Waiter waiter() {
    Waiter waiter = idle.poll();
    return waiter != null ? waiter : new Waiter();
  }

  private int await(Waiter waiter) throws BlockIoException {
    int result = call(waiter);
    if (result < 0) {
      throw failure(waiter, result);
    }
    idle.add(waiter);
    return result;
  }

  private BlockIoException failure(BlockRequest request, int result) {
    String advice =
        switch (-result) {
          case Errno.ENOSPC ->
              Alignment.check(device.geometry(), request) == 0
                  ? "the file system that holds it is full"
                  : Alignment.explain(device.name(), device.geometry(), request);
          case Errno.EINVAL, Errno.EROFS ->
              Alignment.explain(device.name(), device.geometry(), request);
          case Errno.ESHUTDOWN -> "the device is closed, or its ring failed: open it again";
          case Errno.EIO -> "the kernel's log may say more";
          default -> "";
        };
    if (request.op() == BlockOp.FLUSH) {
      return new BlockIoException("flushing", device.name(), result, advice);
    }
    return new BlockIoException(
        request.operation(),
        device.name(),
        request.byteOffset(),
        request.lengthBytes(),
        result,
        advice);
  }

  /** A request whose submitter parks until it completes. */
  public static final class Waiter extends BlockRequest {
    /** The parked thread; null once completed. Written by the waiter before submission. */
    private volatile @Nullable Thread thread;

    private int result;

    int submitAndPark(BlockDevice device) {
      thread = Thread.currentThread();
      device.submit(this);
      boolean interrupted = false;
      while (thread != null) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return result;
    }

    @Override
    protected void completed(int result) {
      this.result = result;
      Thread waiting = thread;
      thread = null;
      LockSupport.unpark(waiting);
    }
  }

  private final class FutureRequest extends BlockRequest {
    final CompletableFuture<Integer> future = new CompletableFuture<>();

    @Override
    protected void completed(int result) {
      if (result < 0) {
        future.completeExceptionally(failure(this, result));
      } else {
        future.complete(result);
      }
    }
  }
}
