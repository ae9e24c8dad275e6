package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeferredCompletionsTest {
  private static final int THREADS = 64;

  @RepeatedTest(20)
  void exactlyOneExecutorSurvivesTheRace() throws Exception {
    DeferredCompletions deferred = new DeferredCompletions("race", 8);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Thread[] threads = new Thread[THREADS];
    MemoryBlockDevice device = new MemoryBlockDevice("ram", 4096);
    for (int i = 0; i < THREADS; i++) {
      FileCompletions file = new TestFile(device, deferred, 1, true).completions();
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      start.await();
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                    deferred.schedule(file);
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    DeferredStats stats = deferred.stats();
    assertTrue(stats.executorsMade() >= 1);
    assertEquals(1, stats.executorsMade() - stats.executorsDiscarded());
    deferred.close();
    device.close();
  }

  @Test
  void nothingIsMadeWithoutADeferredCompletion() {
    DeferredCompletions deferred = new DeferredCompletions("idle", 8);
    deferred.drain();
    deferred.close();
    assertEquals(0, deferred.stats().executorsMade());
  }

  @Test
  void drainWaitsForWhatWasDeferredBefore() {
    try (Arena arena = Arena.ofShared();
        MemoryBlockDevice device = new MemoryBlockDevice("ram", 1 << 20);
        DirectIo engine = new DirectIo(device)) {
      DeferredCompletions deferred = new DeferredCompletions("drain", 2);
      TestFile file = new TestFile(device, deferred, 64, true);
      FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
      MemorySegment memory = arena.allocate(4096, 4096);
      file.conversions.drainPermits();
      var write = io.writeAsync(0, memory, 0);
      while (deferred.stats().deferred() == 0) {
        Thread.onSpinWait();
      }
      Thread drainer = Thread.startVirtualThread(deferred::drain);
      assertTrue(drainer.isAlive());
      file.conversions.release(1000);
      assertEquals(4096, write.join());
      join(drainer);
      deferred.close();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
