package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LookupCountsTest {
  private static final long SEED = Long.getLong("dioring.lookups.seed", 42);
  private static final long INODES = 1 << 20;

  @Test
  void countsAreThoseOfAMap() {
    SplittableRandom random = new SplittableRandom(SEED);
    LookupCounts counts = new LookupCounts(INODES);
    Map<Long, Long> model = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      // Neighbours, and some far away.
      long spread = random.nextBoolean() ? 200 : INODES;
      long inodeNr = 1 + random.nextLong(spread);
      if (random.nextInt(3) > 0) {
        counts.increment(inodeNr);
        model.merge(inodeNr, 1L, Long::sum);
      } else {
        long count = random.nextLong(1, 4);
        long left = Math.max(0, model.getOrDefault(inodeNr, 0L) - count);
        assertEquals(left, counts.drop(inodeNr, count), "seed " + SEED);
        if (left == 0) {
          model.remove(inodeNr);
        } else {
          model.put(inodeNr, left);
        }
      }
      assertEquals(model.size(), counts.inodes(), "seed " + SEED);
    }
    model.forEach((inodeNr, count) -> assertEquals(count, counts.get(inodeNr), "seed " + SEED));
    model.forEach((inodeNr, count) -> assertEquals(0, counts.drop(inodeNr, count)));
    assertEquals(0, counts.inodes());
  }

  @Test
  void oneThatIsLookedUpOftenIsCountedOn() {
    LookupCounts counts = new LookupCounts(INODES);
    counts.increment(65);
    for (int i = 0; i < 70_000; i++) {
      counts.increment(64);
    }
    assertEquals(70_000, counts.get(64));
    assertEquals(1, counts.get(65));
    assertEquals(255, counts.drop(64, 70_000 - 255));
    counts.increment(64);
    assertEquals(256, counts.get(64));
    assertEquals(0, counts.drop(64, 256));
    assertEquals(0, counts.get(64));
    assertEquals(1, counts.inodes());
    assertEquals(0, counts.drop(65, -1));
    assertEquals(0, counts.inodes());
  }

  @Test
  void whatIsForgottenTooOftenOrIsNoInodeCountsNothing() {
    LookupCounts counts = new LookupCounts(INODES);
    counts.increment(INODES);
    assertEquals(0, counts.drop(INODES, 5));
    assertEquals(0, counts.drop(INODES, 1));
    assertEquals(0, counts.drop(-1, 1));
    assertEquals(0, counts.drop(Long.MAX_VALUE, 1));
    assertEquals(0, counts.get(INODES));
    assertEquals(0, counts.inodes());
  }
}
