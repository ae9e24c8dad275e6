package dev.dioring.engine.dio;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts a file's requests in flight. It has no owner: any thread may begin, any other end. Waiting
 * for zero makes sense only while something else keeps new requests out.
 */
public final class InFlight {
  private final AtomicInteger count = new AtomicInteger();

  /** Threads in {@link #await}; added before they look at the count. */
  private final Queue<Thread> waiters = new ConcurrentLinkedQueue<>();

  void begin() {
    count.incrementAndGet();
  }

  void end() {
    if (count.decrementAndGet() == 0 && !waiters.isEmpty()) {
      for (Thread waiter : waiters) {
        LockSupport.unpark(waiter);
      }
    }
  }

  public int count() {
    return count.get();
  }

  /** Parks until no request is in flight: {@code inode_dio_wait}. */
  public void await() {
    if (count.get() == 0) {
      return;
    }
    Thread self = Thread.currentThread();
    waiters.add(self);
    boolean interrupted = false;
    while (count.get() != 0) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    waiters.remove(self);
    if (interrupted) {
      self.interrupt();
    }
  }
}
