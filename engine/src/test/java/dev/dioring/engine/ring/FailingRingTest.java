package dev.dioring.engine.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Events;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Sqe;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Enter calls that fail: for good, and for a while. */
@Timeout(120)
class FailingRingTest {
  private static final int EOWNERDEAD = 130;

  private final FailingRing.Faults faults = new FailingRing.Faults();

  @ParameterizedTest
  @ValueSource(ints = {Errno.EBADF, Errno.ENXIO, Errno.EFAULT, EOWNERDEAD})
  void everythingCompletesWhenTheRingIsLost(int errno) throws Exception {
    int fd = Events.create();
    try (Poller poller = FailingRing.start(RingOptions.of(4), faults)) {
      List<TestOperation> inFlight = TestOperation.polls(fd, 4);
      List<TestOperation> waiting = TestOperation.polls(fd, 20);
      CountDownLatch submitted = new CountDownLatch(1);
      poller.execute(
          () -> {
            inFlight.forEach(poller::submit);
            waiting.forEach(poller::submit);
            submitted.countDown();
          });
      assertTrue(submitted.await(30, TimeUnit.SECONDS));
      assertFalse(poller.mayHoldMemory());
      // The fault shows at the next enter.
      faults.always.set(-errno);
      TestOperation last = TestOperation.nop();
      assertTrue(poller.handOver(poller::submit, last) || last.isDone());
      poller.execute(() -> {});
      for (TestOperation operation : inFlight) {
        assertEquals(-Errno.EIO, operation.await());
        assertEquals(1, operation.completions());
      }
      for (TestOperation operation : waiting) {
        assertEquals(-Errno.ESHUTDOWN, operation.await());
        assertEquals(1, operation.completions());
      }
      assertEquals(-Errno.ESHUTDOWN, last.await());
      assertTrue(poller.mayHoldMemory());
      for (int i = 0; i < 5_000; i++) {
        TestOperation later = TestOperation.nop();
        assertTrue(poller.handOver(poller::submit, later));
        assertEquals(-Errno.ESHUTDOWN, later.await());
      }
    } finally {
      LinuxFiles.close(fd);
    }
  }

  @Test
  void closesALostRingFromManyThreads() throws Exception {
    int fd = Events.create();
    Poller poller = FailingRing.start(RingOptions.of(4), faults);
    TestOperation operation = TestOperation.poll(fd);
    assertTrue(poller.handOver(poller::submit, operation));
    faults.always.set(-Errno.EBADF);
    List<Thread> closers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      closers.add(Thread.ofVirtual().start(poller::close));
    }
    for (Thread closer : closers) {
      closer.join();
    }
    assertTrue(operation.isDone());
    assertFalse(poller.handOver(poller::submit, TestOperation.nop()));
    LinuxFiles.close(fd);
  }

  /** Submits itself again, whatever happens, a number of times. */
  private static final class Stubborn extends RingOperation {
    private final Poller poller;
    private final CountDownLatch done = new CountDownLatch(1);
    private int left = 100_000;

    Stubborn(Poller poller) {
      this.poller = poller;
    }

    @Override
    protected void prepare(MemorySegment sqes, long at) {
      Sqe.nop(sqes, at);
    }

    @Override
    protected void completed(int result, int flags) {
      if (--left > 0) {
        poller.submit(this);
      } else {
        done.countDown();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void submittingAgainFromARefusalDoesNotRecurse(boolean lost) throws Exception {
    Poller poller = FailingRing.start(RingOptions.of(4), faults);
    Stubborn stubborn = new Stubborn(poller);
    if (lost) {
      faults.always.set(-Errno.EBADF);
    }
    poller.execute(() -> poller.submit(stubborn));
    poller.execute(() -> {});
    poller.close();
    assertTrue(stubborn.done.await(30, TimeUnit.SECONDS));
    assertEquals(0, stubborn.left);
  }

  @Test
  void goesOnAfterFaultsThatPass() throws Exception {
    int[] passing = {-Errno.EINTR, -Errno.EAGAIN, -Errno.EBUSY};
    faults.sometimes = number -> number % 3 == 0 ? passing[number / 3 % passing.length] : 0;
    try (Poller poller = FailingRing.start(RingOptions.of(8).withEntries(8, 8), faults)) {
      for (int i = 0; i < 2_000; i++) {
        TestOperation nop = TestOperation.nop();
        assertTrue(poller.handOver(poller::submit, nop));
        assertEquals(0, nop.await());
      }
      assertFalse(poller.mayHoldMemory());
    }
    assertTrue(faults.injected.get() > 600, () -> faults.injected + " faults");
  }
}
