package dev.dioring.ext4lite.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is read ahead does not come over what others have read and changed meanwhile. */
class ReadAheadRaceTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int BLOCKS = 60_000;
  private static final int SPINS = 2000;
  private static final long SEED = 20261128;
  private static final long MARK = 7;

  @Test
  void changesStay() throws Exception {
    MemoryBlockDevice device = new MemoryBlockDevice("disk", (long) BLOCKS * BLOCK_BYTES);
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      MetadataCache cache =
          new MetadataCache(new BlockIo(device), BLOCK_BYTES, 2L * BLOCKS * BLOCK_BYTES);
      AtomicInteger turn = new AtomicInteger(-1);
      Future<?> readAhead = other.submit(() -> readAhead(cache, turn));
      for (int blockNr = 0; blockNr < BLOCKS; blockNr++) {
        turn.set(blockNr);
        try (MetadataBuffer buffer = cache.get(blockNr)) {
          buffer.data().set(ValueLayout.JAVA_LONG, 0, MARK);
        }
      }
      readAhead.get();
      for (int blockNr = 0; blockNr < BLOCKS; blockNr++) {
        try (MetadataBuffer buffer = cache.get(blockNr)) {
          assertEquals(MARK, buffer.data().get(ValueLayout.JAVA_LONG, 0), "block " + blockNr);
        }
      }
      cache.close();
    } finally {
      device.close();
    }
  }

  /** Comes to each block at another moment of its being read. */
  private static void readAhead(MetadataCache cache, AtomicInteger turn) {
    SplittableRandom random = new SplittableRandom(SEED);
    int blockNr = 0;
    while (blockNr < BLOCKS) {
      int now = turn.get();
      if (now < blockNr) {
        Thread.onSpinWait();
        continue;
      }
      blockNr = now;
      for (int spins = random.nextInt(SPINS); spins > 0; spins--) {
        Thread.onSpinWait();
      }
      cache.prefetch(blockNr, 1);
      blockNr++;
    }
  }
}
