package dev.dioring.engine.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue from many producers to one consumer, without allocation. A producer claims a
 * place by advancing the tail and then publishes the item in it; the consumer takes items in order
 * and stops at the first place that is claimed but not yet published.
 *
 * @param <T> what is handed over
 */
public final class HandOver<T> {
  private static final VarHandle ITEM = MethodHandles.arrayElementVarHandle(Object[].class);

  private final @Nullable Object[] items;
  private final int mask;
  private final AtomicLong tail = new AtomicLong();

  /** Written by the consumer with release, after the place was emptied; read by producers. */
  private final AtomicLong head = new AtomicLong();

  /**
   * Makes an empty queue.
   *
   * @param capacity rounded up to a power of two
   */
  public HandOver(int capacity) {
    int size = Integer.highestOneBit(Math.max(1, capacity - 1)) << 1;
    items = new Object[size];
    mask = size - 1;
  }

  /** Adds an item. @return false if the queue is full */
  public boolean offer(T item) {
    long at;
    do {
      at = tail.get();
      if (at - head.getAcquire() > mask) {
        return false;
      }
    } while (!tail.compareAndSet(at, at + 1));
    ITEM.setRelease(items, (int) at & mask, item);
    return true;
  }

  /** Takes the oldest item, or null; consumer thread only. */
  @SuppressWarnings("unchecked")
  public @Nullable T poll() {
    long at = head.getPlain();
    int index = (int) at & mask;
    T item = (T) ITEM.getAcquire(items, index);
    if (item != null) {
      ITEM.set(items, index, null);
      head.setRelease(at + 1);
    }
    return item;
  }

  /** Whether nothing was handed over; an item being published counts as handed over. */
  public boolean isEmpty() {
    return tail.get() == head.getAcquire();
  }
}
