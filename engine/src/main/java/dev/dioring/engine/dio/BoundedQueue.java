package dev.dioring.engine.dio;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue for any number of producers and consumers, without locks or allocation (Dmitry
 * Vyukov's array queue). Each place carries the turn at which it may be filled or emptied next, so
 * a place is touched by one thread at a time.
 *
 * @param <T> element type
 */
final class BoundedQueue<T> {
  private final AtomicReferenceArray<@Nullable T> items;
  private final AtomicLongArray turns;
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();
  private final int mask;

  /**
   * Makes an empty queue.
   *
   * @param capacity a power of two
   */
  BoundedQueue(int capacity) {
    items = new AtomicReferenceArray<>(capacity);
    turns = new AtomicLongArray(capacity);
    mask = capacity - 1;
    for (int i = 0; i < capacity; i++) {
      turns.set(i, i);
    }
  }

  /** Adds an element. @return false if the queue is full */
  boolean offer(T item) {
    while (true) {
      long at = tail.get();
      int index = (int) at & mask;
      long turn = turns.getAcquire(index);
      if (turn == at) {
        if (tail.compareAndSet(at, at + 1)) {
          items.setPlain(index, item);
          turns.setRelease(index, at + 1);
          return true;
        }
      } else if (turn < at) {
        return false;
      }
    }
  }

  /** Takes the oldest element, or null if there is none. */
  @Nullable T poll() {
    while (true) {
      long at = head.get();
      int index = (int) at & mask;
      long turn = turns.getAcquire(index);
      if (turn == at + 1) {
        if (head.compareAndSet(at, at + 1)) {
          T item = items.getPlain(index);
          items.setPlain(index, null);
          turns.setRelease(index, at + mask + 1);
          return item;
        }
      } else if (turn <= at) {
        return null;
      }
    }
  }

  boolean isEmpty() {
    long at = head.get();
    return turns.get((int) at & mask) <= at;
  }
}
