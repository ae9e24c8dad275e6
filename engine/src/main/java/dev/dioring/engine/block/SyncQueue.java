package dev.dioring.engine.block;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for a worker, and workers that wait for requests. Both are linked through
 * themselves, so it has no capacity to run out of. The worker that went idle last is woken first:
 * its caches are warm, and a device with little to do keeps to few threads.
 */
final class SyncQueue {
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final RequestQueue requests = new RequestQueue();

  /** Top of the stack of idle workers; guarded by the lock. */
  private @Nullable SyncWorker idle;

  /** Guarded by the lock. */
  private boolean closed;

  /** Adds a request and wakes a worker for it. @return false if no worker was idle */
  boolean add(BlockRequest request) {
    SyncWorker woken;
    lock.lock();
    try {
      requests.add(request);
      woken = idle;
      if (woken != null) {
        idle = woken.nextIdle;
        woken.nextIdle = null;
        woken.isIdle = false;
      }
    } finally {
      lock.unlock();
    }
    LockSupport.unpark(woken);
    return woken != null;
  }

  /** Takes the next request, parking the worker while there is none. @return null once closed */
  @Nullable BlockRequest take(SyncWorker worker) {
    while (true) {
      lock.lock();
      try {
        BlockRequest request = requests.poll();
        if (request != null || closed) {
          return request;
        }
        // It is on no list: it starts, or it was woken for a request that a busy worker then took.
        worker.nextIdle = idle;
        worker.isIdle = true;
        idle = worker;
      } finally {
        lock.unlock();
      }
      while (worker.isIdle) {
        LockSupport.park(this);
        // An interrupt that a completion left behind would keep this from parking.
        boolean unused = Thread.interrupted();
      }
    }
  }

  /** Lets all workers end once the requests are done. */
  void close() {
    lock.lock();
    try {
      closed = true;
      while (idle != null) {
        SyncWorker woken = idle;
        idle = woken.nextIdle;
        woken.isIdle = false;
        LockSupport.unpark(woken);
      }
    } finally {
      lock.unlock();
    }
  }
}
