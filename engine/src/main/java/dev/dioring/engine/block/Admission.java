package dev.dioring.engine.block;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Counts requests in flight and, once closed, lets no more in. */
final class Admission {
  private static final long CLOSED = Long.MIN_VALUE;

  /** Requests in flight; the sign bit says that admission is closed. */
  private final AtomicLong state = new AtomicLong();

  /** The thread in {@link #awaitEmpty}. */
  private volatile @Nullable Thread waiter;

  /** Lets a request in. @return false once closed */
  boolean enter() {
    long now;
    do {
      now = state.get();
      if (now < 0) {
        return false;
      }
    } while (!state.compareAndSet(now, now + 1));
    return true;
  }

  void leave() {
    if (state.decrementAndGet() == CLOSED) {
      LockSupport.unpark(waiter);
    }
  }

  /** Stops admission. @return false if it was closed before */
  boolean close() {
    return state.getAndUpdate(now -> now | CLOSED) >= 0;
  }

  /** Waits, after {@link #close}, until all requests have left. */
  void awaitEmpty() {
    waiter = Thread.currentThread();
    boolean interrupted = false;
    while (state.get() != CLOSED) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
