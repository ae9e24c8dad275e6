package dev.dioring.engine.block;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** A thread of a {@link SyncBlockDevice} that performs requests and runs their completions. */
final class SyncWorker extends Thread {
  /** So many requests in a row a worker takes from itself before it looks at the others'. */
  private static final int OWN_IN_A_ROW_MAX = 32;

  private final SyncBlockDevice device;
  private final SyncQueue queue;
  private final Arena arena = Arena.ofShared();
  private final SystemCalls calls;

  /** Guarded by the queue's lock. */
  @Nullable SyncWorker nextIdle;

  /** Written under the queue's lock; the worker itself parks on it. */
  volatile boolean isIdle;

  /** What a completion submitted last, for this worker to do next. This thread only. */
  private @Nullable BlockRequest own;

  /** This thread only. */
  private int ownInARow;

  SyncWorker(SyncBlockDevice device, SyncQueue queue, int fd, int number) {
    super("dioring-sync/" + device.name() + "-" + number);
    setDaemon(true);
    this.device = device;
    this.queue = queue;
    calls = new SystemCalls(fd, device.geometry(), arena);
  }

  boolean serves(SyncBlockDevice asked) {
    return asked == device;
  }

  /**
   * Keeps a request that a completion on this thread submitted, to spare waking another thread.
   *
   * @return false if the others' turn has come or one is kept already
   */
  boolean keep(BlockRequest request) {
    if (own != null || ownInARow >= OWN_IN_A_ROW_MAX) {
      return false;
    }
    own = request;
    return true;
  }

  @Override
  public void run() {
    for (BlockRequest request = next(); request != null; request = next()) {
      int result = calls.perform(request);
      request.complete(result);
      device.left();
    }
    arena.close();
  }

  private @Nullable BlockRequest next() {
    BlockRequest kept = own;
    if (kept != null) {
      own = null;
      ownInARow++;
      return kept;
    }
    ownInARow = 0;
    return queue.take(this);
  }
}
