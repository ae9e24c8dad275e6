package dev.dioring.engine.dio;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One file's requests in flight, and those of them whose completion is deferred. The deferred ones
 * wait in a stack; the file is scheduled on the mount's executor while there are any, by one worker
 * at a time, so that what arrives while a conversion runs is converted together after it.
 */
public final class FileCompletions {
  private final DioFile file;
  private final DeferredCompletions deferred;
  private final InFlight inFlight = new InFlight();

  /** Top of the stack of completed, unconverted requests. */
  private final AtomicReference<@Nullable Dio> waiting = new AtomicReference<>();

  /** Whether the executor has, or is about to get, this file. */
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * Makes the state of one file.
   *
   * @param file the file
   * @param deferred the executor of its mount
   */
  public FileCompletions(DioFile file, DeferredCompletions deferred) {
    this.file = file;
    this.deferred = deferred;
  }

  /** Requests in flight; truncate and unmount wait for zero. */
  public InFlight inFlight() {
    return inFlight;
  }

  /** Goes on, on a virtual thread, with a submission that would have blocked the poller. */
  public void punt(Runnable continuation) {
    deferred.punt(continuation);
  }

  DioFile file() {
    return file;
  }

  DeferredCompletions deferred() {
    return deferred;
  }

  /** Queues a request whose completion may block. Any thread, the poller above all; no waiting. */
  void defer(Dio dio) {
    Dio top;
    do {
      top = waiting.get();
      dio.nextDeferred = top;
    } while (!waiting.compareAndSet(top, dio));
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      deferred.schedule(this);
    }
  }

  /** Takes all that wait, oldest first. Only the worker that has the file. */
  @Nullable Dio take() {
    Dio newestFirst = waiting.getAndSet(null);
    Dio oldestFirst = null;
    while (newestFirst != null) {
      Dio next = newestFirst.nextDeferred;
      newestFirst.nextDeferred = oldestFirst;
      oldestFirst = newestFirst;
      newestFirst = next;
    }
    return oldestFirst;
  }

  /**
   * Gives the file up when nothing waits. A request may have been pushed between the last look and
   * the release, by a thread that still saw the file scheduled; so look again.
   *
   * @return whether the worker still has the file
   */
  boolean keep() {
    if (waiting.get() != null) {
      return true;
    }
    scheduled.set(false);
    return waiting.get() != null && scheduled.compareAndSet(false, true);
  }
}
