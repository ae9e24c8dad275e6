package dev.dioring.ext4lite.journal;

/**
 * How long a commit that somebody waits for is put off so that others can join it. Those whose sync
 * has just returned are likely to come back with the next; without them two halves of the callers
 * would take turns, and each pay for flushes of its own. A single caller is never kept waiting.
 * Guarded by the journal's lock.
 */
final class Gathering {
  private static final long WINDOW_NANOS_MAX = 5_000_000;
  private static final int AVERAGE_SHIFT = 3;

  private long firstNanos;
  private int waiting;
  private int expected;
  private long commitNanos;
  private long beganNanos;

  /** Somebody waits for the running transaction. @return whether nobody else is expected */
  boolean joined(long now) {
    if (waiting++ == 0) {
      firstNanos = now;
    }
    return waiting >= expected;
  }

  /** How long to put a commit off that is wanted; 0 or less to begin it. */
  long restNanos(long now) {
    if (waiting >= expected) {
      return 0;
    }
    return firstNanos + Math.min(commitNanos, WINDOW_NANOS_MAX) - now;
  }

  /** The commit begins. @return how many wait for it */
  int begin(long now) {
    int served = waiting;
    waiting = 0;
    beganNanos = now;
    return served;
  }

  /** The commit is done; those who waited for it will be back, and some wait for the next. */
  void end(long now, int served) {
    expected = served + waiting;
    commitNanos += (now - beganNanos - commitNanos) >> AVERAGE_SHIFT;
  }
}
