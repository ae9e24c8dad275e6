package dev.dioring.ext4lite.fuse;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Latencies of one kind of request, counted in buckets that are at most a sixteenth wide: each
 * power of two has sixteen. Recording allocates and locks nothing; threads are spread over a few
 * copies of the buckets, so that those of different queues do not share their cache lines.
 */
final class LatencyHistogram {
  private static final int SHARE_BITS = 4;
  private static final int SHARES = 1 << SHARE_BITS;

  /** Eighteen minutes; what takes longer counts as this. */
  private static final int NANOS_BITS_MAX = 40;

  private static final int BUCKETS = (NANOS_BITS_MAX - SHARE_BITS + 1) * SHARES;
  private static final int COPIES_MAX = 4;
  private static final int COPIES =
      Math.min(COPIES_MAX, Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));

  private final AtomicLongArray counts = new AtomicLongArray(COPIES * BUCKETS);

  void record(long nanos) {
    int copy = (int) Thread.currentThread().threadId() & (COPIES - 1);
    counts.getAndIncrement(copy * BUCKETS + bucket(nanos));
  }

  /** What was recorded up to now. */
  Snapshot snapshot() {
    long[] sums = new long[BUCKETS];
    long total = 0;
    for (int i = 0; i < COPIES * BUCKETS; i++) {
      long count = counts.get(i);
      sums[i % BUCKETS] += count;
      total += count;
    }
    return new Snapshot(sums, total);
  }

  private static int bucket(long nanos) {
    long bounded = Math.clamp(nanos, 0, (1L << NANOS_BITS_MAX) - 1);
    int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(bounded) - SHARE_BITS - 1);
    return shift * SHARES + (int) (bounded >>> shift);
  }

  /** The largest latency that counts in a bucket. */
  private static long nanosMax(int bucket) {
    int shift = Math.max(0, bucket / SHARES - 1);
    long share = bucket - (long) shift * SHARES;
    return ((share + 1) << shift) - 1;
  }

  /** Latencies at one moment. */
  static final class Snapshot {
    private final long[] counts;
    private final long total;

    private Snapshot(long[] counts, long total) {
      this.counts = counts;
      this.total = total;
    }

    long total() {
      return total;
    }

    /**
     * What so many of the requests took at most.
     *
     * @param part of all requests, 1 for the slowest
     * @return 0 if there was none
     */
    long nanos(double part) {
      long wanted = Math.max(1, (long) Math.ceil(part * total));
      long seen = 0;
      for (int i = 0; i < counts.length; i++) {
        seen += counts[i];
        if (seen >= wanted) {
          return nanosMax(i);
        }
      }
      return 0;
    }
  }
}
