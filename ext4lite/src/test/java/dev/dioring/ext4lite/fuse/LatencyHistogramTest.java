package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Percentiles are right to a sixteenth, whatever was recorded by however many threads. */
class LatencyHistogramTest {
  @Test
  void percentilesAreRightToASixteenth() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (long nanos = 1; nanos <= 100_000; nanos++) {
      histogram.record(nanos * 37);
    }
    LatencyHistogram.Snapshot snapshot = histogram.snapshot();
    assertEquals(100_000, snapshot.total());
    for (double part : new double[] {0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
      double expected = part * 100_000 * 37;
      long found = snapshot.nanos(part);
      assertTrue(found >= expected && found <= expected * 17 / 16 + 1, part + ": " + found);
    }
  }

  @Test
  void extremesHaveABucket() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertEquals(0, histogram.snapshot().nanos(0.5));
    histogram.record(-5);
    assertEquals(0, histogram.snapshot().nanos(1));
    histogram.record(15);
    assertEquals(15, histogram.snapshot().nanos(1));
    histogram.record(16);
    assertEquals(16, histogram.snapshot().nanos(1));
    histogram.record(Long.MAX_VALUE);
    assertEquals((1L << 40) - 1, histogram.snapshot().nanos(1));
  }

  @Test
  void threadsLoseNothing() throws InterruptedException {
    LatencyHistogram histogram = new LatencyHistogram();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int nanos = 0; nanos < 20_000; nanos++) {
                      histogram.record(nanos);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(160_000, histogram.snapshot().total());
  }
}
