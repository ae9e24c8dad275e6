package dev.dioring.ext4lite.buffer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Second-chance eviction: a hand goes round all buffers and drops what was not used since. */
final class EvictionClock {
  /** The first round may do no more than take every buffer's second chance. */
  private static final int ROUNDS = 2;

  /** All buffers, in no order; guarded by this, like the hand. */
  private final List<MetadataBuffer> buffers = new ArrayList<>();

  private int hand;

  synchronized void add(MetadataBuffer buffer) {
    buffers.add(buffer);
  }

  /** Evicts one buffer. @return false if there is none that could go */
  boolean evict(MetadataCache cache) {
    MetadataBuffer victim = next();
    if (victim == null) {
      return false;
    }
    cache.remove(victim);
    return true;
  }

  private synchronized @Nullable MetadataBuffer next() {
    for (int step = ROUNDS * buffers.size(); step > 0; step--) {
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
