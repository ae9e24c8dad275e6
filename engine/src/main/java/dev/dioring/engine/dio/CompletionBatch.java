package dev.dioring.engine.dio;

import dev.dioring.bindings.Errno;
import org.jspecify.annotations.Nullable;

/** A worker's scratch space: requests of one file that are completed together. */
final class CompletionBatch {
  private static final int REQUESTS_MAX = 64;

  private final Dio[] requests = new Dio[REQUESTS_MAX];
  private final ConversionBatch ranges = new ConversionBatch(REQUESTS_MAX);
  private final int[] rangeOf = new int[REQUESTS_MAX];

  /**
   * Converts and completes the first requests of a chain.
   *
   * @return the rest of the chain
   */
  @Nullable Dio complete(DeferredCompletions mount, FileCompletions file, Dio chain) {
    int count = 0;
    Dio rest = chain;
    while (rest != null && count < REQUESTS_MAX) {
      Dio request = rest;
      rest = request.nextDeferred;
      request.nextDeferred = null;
      count = insert(request, count);
    }
    merge(count);
    mount.batches.increment();
    if (ranges.count() > 0) {
      mount.ranges.add(ranges.count());
      convert(file.file());
    }
    finish(mount, file.file(), count);
    return rest;
  }

  /** A filesystem that throws has a defect; its requests must end all the same. */
  private void convert(DioFile file) {
    try {
      file.convert(ranges);
    } catch (RuntimeException | Error e) {
      report(e);
      for (int i = 0; i < ranges.count(); i++) {
        ranges.fail(i, Errno.EIO);
      }
    }
  }

  private static int sync(DioFile file, boolean dataOnly) {
    try {
      return file.sync(dataOnly);
    } catch (RuntimeException | Error e) {
      report(e);
      return -Errno.EIO;
    }
  }

  /** Tells the thread's handler, which prints by default, and lets the thread go on. */
  static void report(Throwable defect) {
    Thread thread = Thread.currentThread();
    thread.getUncaughtExceptionHandler().uncaughtException(thread, defect);
  }

  /** Insertion by offset: completions arrive almost in order, or are few. */
  private int insert(Dio request, int count) {
    int at = count;
    while (at > 0 && requests[at - 1].byteOffset() > request.byteOffset()) {
      requests[at] = requests[at - 1];
      at--;
    }
    requests[at] = request;
    return count + 1;
  }

  private void merge(int count) {
    ranges.clear();
    for (int i = 0; i < count; i++) {
      long converted = requests[i].wantsConversion() ? requests[i].convertedBytes() : 0;
      if (converted > 0) {
        ranges.add(requests[i].byteOffset(), converted);
        rangeOf[i] = ranges.count() - 1;
      } else {
        rangeOf[i] = -1;
      }
    }
  }

  /** The rest of each completion, in {@link Dio#ended}'s order, with one sync for all who asked. */
  private void finish(DeferredCompletions mount, DioFile file, int count) {
    boolean sync = false;
    boolean fullSync = false;
    for (int i = 0; i < count; i++) {
      int errno = rangeOf[i] < 0 ? 0 : ranges.errno(rangeOf[i]);
      requests[i].ended(errno);
      sync |= requests[i].wantsSync();
      fullSync |= requests[i].wantsFullSync();
    }
    int syncResult = sync ? sync(file, !fullSync) : 0;
    for (int i = 0; i < count; i++) {
      Dio request = requests[i];
      int parity = request.parity();
      request.completeCaller(request.wantsSync() ? syncResult : 0);
      mount.finished(parity);
    }
  }
}
