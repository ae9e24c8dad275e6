package dev.dioring.ext4lite.fs;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The I/O lock of an inode: shared by writes that keep to blocks of their own, exclusive for all
 * that do not. It belongs to a request, not to a thread: the request's completion releases it, on
 * whatever thread that runs. A waiting exclusive request keeps new shared ones out.
 */
final class InodeLock {
  private static final int EXCLUSIVE = -1;

  /** Number of shared holders, or {@link #EXCLUSIVE}. */
  private final AtomicInteger state = new AtomicInteger();

  private final AtomicInteger exclusiveWaiters = new AtomicInteger();

  /** Parked threads; each is added before it tries once more. */
  private final Queue<Thread> waiters = new ConcurrentLinkedQueue<>();

  boolean tryShared() {
    int now;
    do {
      now = state.get();
      if (now == EXCLUSIVE || exclusiveWaiters.get() != 0) {
        return false;
      }
    } while (!state.compareAndSet(now, now + 1));
    return true;
  }

  boolean tryExclusive() {
    return state.compareAndSet(0, EXCLUSIVE);
  }

  /** Parks until the lock can be shared. */
  void shared() {
    await(false);
  }

  /** Parks until nobody else holds the lock. */
  void exclusive() {
    exclusiveWaiters.incrementAndGet();
    try {
      await(true);
    } finally {
      if (exclusiveWaiters.decrementAndGet() == 0) {
        wakeAll();
      }
    }
  }

  void releaseShared() {
    if (state.decrementAndGet() == 0) {
      wakeAll();
    }
  }

  void releaseExclusive() {
    state.set(0);
    wakeAll();
  }

  private void await(boolean exclusive) {
    if (exclusive ? tryExclusive() : tryShared()) {
      return;
    }
    Thread self = Thread.currentThread();
    waiters.add(self);
    boolean interrupted = false;
    while (!(exclusive ? tryExclusive() : tryShared())) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    waiters.remove(self);
    if (interrupted) {
      self.interrupt();
    }
  }

  private void wakeAll() {
    for (Thread waiter : waiters) {
      LockSupport.unpark(waiter);
    }
  }
}
