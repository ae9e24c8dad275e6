package dev.dioring.engine.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue from many producers to the poller, without allocation: items and who receives
 * them. A producer claims a place by advancing the tail and then publishes the item in it; the
 * poller takes items in order and stops at a place that is claimed but not yet published.
 */
final class HandOver {
  /** What became of an {@link #offer}. */
  enum Outcome {
    TAKEN,
    /** There is no room now; {@link #awaitRoom} waits for some. */
    FULL,
    /** The poller takes no more. */
    CLOSED
  }

  private static final VarHandle ITEM = MethodHandles.arrayElementVarHandle(Object[].class);
  private static final long CLOSED = Long.MIN_VALUE;

  private final @Nullable Object[] items;
  private final Poller.@Nullable Receiver<?>[] receivers;
  private final int mask;

  /** Places claimed so far; the sign bit says that no more may be. */
  private final AtomicLong tail = new AtomicLong();

  /** Places emptied so far. Written by the poller, with release after the place was emptied. */
  private final AtomicLong head = new AtomicLong();

  private final AtomicInteger waiters = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  /** Makes an empty queue; the capacity is rounded up to a power of two. */
  HandOver(int capacity) {
    int size = Integer.highestOneBit(Math.max(2, capacity) * 2 - 1);
    items = new Object[size];
    receivers = new Poller.Receiver<?>[size];
    mask = size - 1;
  }

  <T> Outcome offer(Poller.Receiver<T> receiver, T item) {
    long at;
    do {
      at = tail.get();
      if (at < 0) {
        return Outcome.CLOSED;
      }
      if (at - head.getAcquire() > mask) {
        return Outcome.FULL;
      }
    } while (!tail.compareAndSet(at, at + 1));
    int place = (int) at & mask;
    receivers[place] = receiver;
    ITEM.setRelease(items, place, item);
    return Outcome.TAKEN;
  }

  /**
   * Gives up to {@code limit} items to their receivers; poller thread only.
   *
   * @return how many
   */
  int drain(int limit) {
    long at = head.getPlain();
    int taken = 0;
    while (taken < limit) {
      int place = (int) at & mask;
      Object item = ITEM.getAcquire(items, place);
      if (item == null) {
        break;
      }
      Poller.Receiver<?> receiver = receivers[place];
      items[place] = null;
      head.setRelease(++at);
      taken++;
      receive(receiver, item);
    }
    if (taken > 0) {
      signalRoom();
    }
    return taken;
  }

  /** Whether nothing was handed over; an item being published counts as handed over. */
  boolean isEmpty() {
    return (tail.get() & ~CLOSED) == head.getPlain();
  }

  /** Refuses items from now on; those already claimed will still be published. */
  void close() {
    tail.getAndUpdate(at -> at | CLOSED);
    signalRoom();
  }

  /** Parks while the queue is full and open. An interrupt stays pending. */
  void awaitRoom() {
    lock.lock();
    // Counted before the last look at the head, which the poller moves before it looks at the
    // count; both sides fence in between, so one of the two sees the other.
    waiters.incrementAndGet();
    try {
      while (isFull()) {
        room.awaitUninterruptibly();
      }
    } finally {
      waiters.decrementAndGet();
      lock.unlock();
    }
  }

  private boolean isFull() {
    long at = tail.get();
    return at >= 0 && at - head.get() > mask;
  }

  private void signalRoom() {
    VarHandle.fullFence();
    if (waiters.get() == 0) {
      return;
    }
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** An item lies beside a receiver of its own type, as {@link #offer} put both there. */
  @SuppressWarnings("unchecked")
  private static <T> void receive(Poller.@Nullable Receiver<T> receiver, Object item) {
    if (receiver == null) {
      throw new AssertionError("an item without a receiver");
    }
    try {
      receiver.receive((T) item);
    } catch (RuntimeException | Error e) {
      // A defect of one caller must not stop everybody's I/O.
      Defects.report(e);
    }
  }
}
