package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine's part of a deferred completion, from the last part to the caller, on one thread. */
@Timeout(60)
class DeferredAllocationTest {
  private static final int REQUESTS = 32;
  private static final int ROUNDS_WARM = 2_000;
  private static final int ROUNDS = 10_000;
  private static final int BLOCK = TestFile.BLOCK_BYTES;

  /** Keeps the executor's worker in its first conversion, so that the test can do its work. */
  private static final class QuietFile extends TestFile {
    final CountDownLatch entered = new CountDownLatch(1);
    final Semaphore leave = new Semaphore(0);
    private boolean first = true;

    QuietFile(MemoryBlockDevice device, DeferredCompletions deferred) {
      super(device, deferred, REQUESTS, true);
    }

    @Override
    public void convert(ConversionBatch batch) {
      if (first) {
        first = false;
        entered.countDown();
        leave.acquireUninterruptibly();
      }
    }

    @Override
    public long endIo(Kiocb kiocb, long byteOffset, long transferredBytes, long result) {
      return result;
    }
  }

  private static final class Write extends Kiocb {
    @Override
    protected void kiComplete(long result) {}
  }

  @Test
  void aDeferredCompletionAllocatesNothing() throws Exception {
    DeferredCompletions deferred = new DeferredCompletions("quiet", 1);
    try (Arena arena = Arena.ofShared();
        MemoryBlockDevice device = new MemoryBlockDevice("ram", (long) REQUESTS * BLOCK);
        DirectIo engine = new DirectIo(device)) {
      QuietFile file = new QuietFile(device, deferred);
      Write blocked = new Write();
      engine.submit(file, blocked.write(0, arena.allocate(BLOCK, BLOCK), 0));
      file.entered.await();

      Write[] writes = new Write[REQUESTS];
      Dio[] requests = new Dio[REQUESTS];
      for (int i = 0; i < REQUESTS; i++) {
        writes[i] = new Write();
        writes[i].write((long) i * BLOCK, arena.allocate(BLOCK, BLOCK), 0);
        requests[i] = new Dio(engine, 1);
      }
      CompletionBatch batch = new CompletionBatch();
      rounds(ROUNDS_WARM, deferred, file, batch, writes, requests);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      long cost = threads.getCurrentThreadAllocatedBytes() - before;
      before = threads.getCurrentThreadAllocatedBytes();
      rounds(ROUNDS, deferred, file, batch, writes, requests);
      long bytes = threads.getCurrentThreadAllocatedBytes() - before - cost;
      // The odd object of the virtual machine aside, such as a counter's cell.
      assertEquals(0, bytes / ((long) ROUNDS * REQUESTS / 100), "of " + bytes + " bytes");
      file.leave.release();
      deferred.close();
    }
  }

  private static void rounds(
      int rounds,
      DeferredCompletions deferred,
      QuietFile file,
      CompletionBatch batch,
      Write[] writes,
      Dio[] requests) {
    FileCompletions completions = file.completions();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < REQUESTS; i++) {
        completions.inFlight().begin();
        requests[i].begin(file, writes[i], BLOCK);
        requests[i].convertAfterwards();
        if (requests[i].dropLast() && !requests[i].defer()) {
          throw new AssertionError("not deferred");
        }
      }
      Dio waiting = completions.take();
      while (waiting != null) {
        waiting = batch.complete(deferred, completions, waiting);
      }
    }
  }
}
