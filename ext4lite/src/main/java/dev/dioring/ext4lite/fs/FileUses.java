package dev.dioring.ext4lite.fs;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what is under way on an open file, the handle itself included: what it refers to stays
 * until the last of them has ended. Any thread.
 */
final class FileUses {
  /** Added when the handle is closed. */
  private static final int CLOSED = 1 << 30;

  private final AtomicInteger state = new AtomicInteger(1);

  /** Something begins. @return false if the handle is closed */
  boolean begin() {
    int now = state.get();
    while (now < CLOSED) {
      if (state.compareAndSet(now, now + 1)) {
        return true;
      }
      now = state.get();
    }
    return false;
  }

  /** What has begun goes on by another thread as well, and ends once more. */
  void share() {
    state.incrementAndGet();
  }

  /** Something has ended. @return whether it was the last: the caller drops what is referred to */
  boolean end() {
    return state.decrementAndGet() == CLOSED;
  }

  /** Lets nothing begin any more. @return whether this is the first time: the handle's use ends */
  boolean close() {
    return state.getAndUpdate(now -> now < CLOSED ? now + CLOSED : now) < CLOSED;
  }
}
