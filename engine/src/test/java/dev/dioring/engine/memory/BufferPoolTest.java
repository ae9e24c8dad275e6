package dev.dioring.engine.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BufferPoolTest {
  @Test
  void givesOutEveryBufferOnceAlignedAndDisjoint() throws Exception {
    try (BufferPool pool = new BufferPool(8192, 16, 8192)) {
      Set<Long> addresses = new HashSet<>();
      List<IoBuffer> taken = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        IoBuffer buffer = pool.acquire();
        assertEquals(0, buffer.segment().address() % 8192);
        assertEquals(8192, buffer.segment().byteSize());
        assertTrue(addresses.add(buffer.segment().address()));
        taken.add(buffer);
      }
      assertNull(pool.tryAcquire());
      assertEquals(16, pool.outstanding());
      taken.forEach(IoBuffer::release);
      assertEquals(0, pool.outstanding());
    }
  }

  @Test
  void alignsBeyondThePageSize() throws Exception {
    try (BufferPool pool = new BufferPool(1 << 16, 3, 1 << 16)) {
      IoBuffer buffer = pool.acquire();
      assertEquals(0, buffer.segment().address() % (1 << 16));
      buffer.release();
    }
  }

  @Test
  void refusesASecondReleaseAndUseAfterRelease() throws Exception {
    try (BufferPool pool = new BufferPool(4096, 2, 512)) {
      IoBuffer buffer = pool.acquire();
      buffer.release();
      assertThrows(IllegalStateException.class, buffer::release);
      assertThrows(IllegalStateException.class, buffer::segment);
      assertEquals(0, pool.outstanding());
      IoBuffer again = pool.tryAcquire();
      assertNotNull(again);
      again.release();
    }
  }

  @Test
  void reportsLeaksAndKeepsTheirMemoryUntilTheyAreReturned() throws Exception {
    BufferPool pool = new BufferPool(4096, 4, 512);
    IoBuffer leaked = pool.acquire();
    MemorySegment memory = leaked.segment();
    IllegalStateException thrown = assertThrows(IllegalStateException.class, pool::close);
    assertTrue(thrown.getMessage().contains("1 of 4"), thrown.getMessage());
    memory.set(ValueLayout.JAVA_LONG, 0, 42);
    assertThrows(IllegalStateException.class, pool::tryAcquire);
    leaked.release();
    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_LONG, 0));
    pool.close();
  }

  @Test
  void useAfterCloseIsAnException() throws Exception {
    BufferPool pool = new BufferPool(4096, 1, 512);
    IoBuffer buffer = pool.acquire();
    MemorySegment memory = buffer.segment();
    buffer.release();
    pool.close();
    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, pool::acquire);
  }

  @Test
  void closeWakesThoseWhoWait() throws Exception {
    BufferPool pool = new BufferPool(4096, 1, 512);
    IoBuffer only = pool.acquire();
    AtomicReference<Throwable> outcome = new AtomicReference<>();
    Thread waiter =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pool.acquire();
                  } catch (IllegalStateException | InterruptedException e) {
                    outcome.set(e);
                  }
                });
    while (waiter.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertEquals(1, pool.retire());
    assertTrue(waiter.join(java.time.Duration.ofSeconds(30)));
    assertTrue(outcome.get() instanceof IllegalStateException, "outcome " + outcome.get());
    only.release();
  }

  @Test
  void manyThreadsNeverShareABuffer() throws Exception {
    int threads = 16;
    int rounds = 20_000;
    AtomicInteger collisions = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads);
    try (BufferPool pool = new BufferPool(512, 5, 512)) {
      for (int t = 0; t < threads; t++) {
        long mark = t + 1L;
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < rounds; i++) {
                      IoBuffer buffer = pool.acquire();
                      buffer.segment().set(ValueLayout.JAVA_LONG, 0, mark);
                      if ((i & 7) == 0) {
                        Thread.yield();
                      }
                      if (buffer.segment().get(ValueLayout.JAVA_LONG, 0) != mark) {
                        collisions.incrementAndGet();
                      }
                      buffer.release();
                    }
                  } catch (InterruptedException e) {
                    collisions.incrementAndGet();
                  } finally {
                    done.countDown();
                  }
                });
      }
      assertTrue(done.await(50, TimeUnit.SECONDS));
      assertEquals(0, collisions.get());
    }
  }

  @Test
  void buffersKnowTheRegisteredRegionTheyLieIn() throws Exception {
    try (BufferPool pool = new BufferPool(12288, 7, 4096)) {
      pool.registeredFrom(3);
      assertEquals(1, pool.regionCount());
      assertEquals(pool.slab().byteSize(), pool.region(0).byteSize());
      IoBuffer buffer = pool.acquire();
      assertEquals(3, buffer.index());
      buffer.release();
    }
  }
}
