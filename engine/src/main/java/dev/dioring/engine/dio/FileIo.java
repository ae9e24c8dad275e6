package dev.dioring.engine.dio;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Blocking and future-returning calls over a submission of {@link Kiocb}s. */
public final class FileIo {
  private final Consumer<Kiocb> submit;

  /**
   * Makes the calls of one open file.
   *
   * @param submit starts a request on the file
   */
  public FileIo(Consumer<Kiocb> submit) {
    this.submit = submit;
  }

  /**
   * Reads, parking until it is done.
   *
   * @return bytes read, fewer than asked only at end of file, or {@code -errno}
   */
  public long read(long position, MemorySegment memory, int flags) {
    Waiter waiter = new Waiter();
    waiter.read(position, memory, flags);
    return waiter.submitAndPark(submit);
  }

  /**
   * Writes, parking until it is done.
   *
   * @return bytes written, or {@code -errno}
   */
  public long write(long position, MemorySegment memory, int flags) {
    Waiter waiter = new Waiter();
    waiter.write(position, memory, flags);
    return waiter.submitAndPark(submit);
  }

  /** Reads; the future gives what {@link #read} returns. */
  public CompletableFuture<Long> readAsync(long position, MemorySegment memory, int flags) {
    FutureKiocb kiocb = new FutureKiocb();
    kiocb.read(position, memory, flags);
    submit.accept(kiocb);
    return kiocb.future;
  }

  /** Writes; the future gives what {@link #write} returns. */
  public CompletableFuture<Long> writeAsync(long position, MemorySegment memory, int flags) {
    FutureKiocb kiocb = new FutureKiocb();
    kiocb.write(position, memory, flags);
    submit.accept(kiocb);
    return kiocb.future;
  }

  private static final class FutureKiocb extends Kiocb {
    final CompletableFuture<Long> future = new CompletableFuture<>();

    @Override
    protected void kiComplete(long result) {
      future.complete(result);
    }
  }

  private static final class Waiter extends Kiocb {
    /** The parked thread; null once completed. */
    private volatile @Nullable Thread thread = Thread.currentThread();

    private long result;

    long submitAndPark(Consumer<Kiocb> submit) {
      submit.accept(this);
      boolean interrupted = false;
      while (thread != null) {
        LockSupport.park(this);
        // The kernel still has the memory: an interrupt has to wait.
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return result;
    }

    @Override
    protected void kiComplete(long result) {
      this.result = result;
      Thread waiting = thread;
      thread = null;
      LockSupport.unpark(waiting);
    }
  }
}
