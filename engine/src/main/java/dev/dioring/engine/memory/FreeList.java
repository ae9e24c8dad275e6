package dev.dioring.engine.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A lock-free stack of the numbers 0 to n-1, each of which is in it at most once. Allocates nothing
 * after construction. Thread-safe.
 */
final class FreeList {
  static final int EMPTY = -1;

  private static final long NUMBER = 0xFFFF_FFFFL;
  private static final long TAG_ONE = 1L << 32;

  /**
   * The number below each one that is on the stack. Read before the compare-and-set that decides
   * whether the value was current, so a torn-off reader sees garbage and then fails.
   */
  private final int[] below;

  /**
   * Low half: the top number plus one, 0 when empty. High half: a tag that every change advances,
   * so that a thread which slept through pop-and-push of the same top cannot succeed with a stale
   * {@link #below}.
   */
  private final AtomicLong top = new AtomicLong();

  /** Starts full, number 0 on top. */
  FreeList(int count) {
    below = new int[count];
    for (int number = count - 1; number >= 0; number--) {
      push(number);
    }
  }

  int pop() {
    while (true) {
      long seen = top.get();
      int number = (int) (seen & NUMBER) - 1;
      if (number < 0) {
        return EMPTY;
      }
      if (top.compareAndSet(seen, word(seen, below[number]))) {
        return number;
      }
    }
  }

  void push(int number) {
    while (true) {
      long seen = top.get();
      below[number] = (int) (seen & NUMBER) - 1;
      if (top.compareAndSet(seen, word(seen, number))) {
        return;
      }
    }
  }

  private static long word(long seen, int newTop) {
    return ((seen & ~NUMBER) + TAG_ONE) | ((newTop + 1) & NUMBER);
  }
}
