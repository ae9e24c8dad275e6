package dev.dioring.ext4lite.buffer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Second-chance eviction: a hand goes round all buffers and drops what was not used since. */
final class EvictionClock {
  private static final int STEPS_MAX = 512;

  /** All buffers, in no order; guarded by this, like the hand. */
  private final List<MetadataBuffer> buffers = new ArrayList<>();

  private int hand;

  synchronized void add(MetadataBuffer buffer) {
    buffers.add(buffer);
  }

  /** Evicts one buffer. @return false if the hand met none that could go */
  boolean evict(MetadataCache cache) {
    MetadataBuffer victim = next();
    if (victim == null) {
      return false;
    }
    cache.remove(victim);
    return true;
  }

  private synchronized @Nullable MetadataBuffer next() {
    for (int step = 0; step < STEPS_MAX && !buffers.isEmpty(); step++) {
      hand = hand >= buffers.size() ? 0 : hand;
      MetadataBuffer candidate = buffers.get(hand);
      if (candidate.tryEvict()) {
        MetadataBuffer last = buffers.removeLast();
        if (last != candidate) {
          buffers.set(hand, last);
        }
        return candidate;
      }
      hand++;
    }
    return null;
  }
}
