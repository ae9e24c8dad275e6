package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Events;
import dev.dioring.bindings.KernelTimespec;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PollerTest {
  private static final int POLLIN = 1;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    Collections.reverse(opened);
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  @Test
  void wakesForEverySingleRequest() throws Exception {
    // Alternates between a poller that still spins and one that sleeps, without ever waiting.
    Poller poller = start(RingOptions.of(8).withSpins(20));
    for (int i = 0; i < 50_000; i++) {
      TestOperation nop = TestOperation.nop();
      assertTrue(poller.handOver(poller::submit, nop));
      assertEquals(0, nop.await());
    }
  }

  @Test
  void wakesFromTheFirstMomentOfSleep() throws Exception {
    Poller poller = start(RingOptions.of(8));
    for (int i = 0; i < 50_000; i++) {
      TestOperation nop = TestOperation.nop();
      assertTrue(poller.handOver(poller::submit, nop));
      while (!nop.isDone()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void takesRequestsOf64ThreadsExactlyOnce() throws Exception {
    Poller poller = start(RingOptions.of(32));
    int threads = 64;
    int each = 2_000;
    AtomicInteger failed = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  List<TestOperation> mine = new ArrayList<>();
                  for (int i = 0; i < each; i++) {
                    TestOperation nop = TestOperation.nop();
                    mine.add(nop);
                    poller.handOver(poller::submit, nop);
                  }
                  for (TestOperation nop : mine) {
                    if (nop.await() != 0 || nop.completions() != 1) {
                      failed.incrementAndGet();
                    }
                  }
                } catch (InterruptedException e) {
                  failed.incrementAndGet();
                } finally {
                  done.countDown();
                }
              });
    }
    assertTrue(done.await(100, TimeUnit.SECONDS));
    assertEquals(0, failed.get());
  }

  @Test
  void operationsBeyondTheQueuesWaitInOrder() throws Exception {
    Poller poller = start(RingOptions.of(500).withEntries(4, 4));
    int count = 1_000;
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(count);
    poller.execute(
        () -> {
          for (int i = 0; i < count; i++) {
            int number = i;
            poller.submit(
                new TestOperation(
                    Sqe::nop,
                    result -> {
                      order.add(number);
                      done.countDown();
                    }));
          }
        });
    assertTrue(done.await(30, TimeUnit.SECONDS));
    for (int i = 0; i < count; i++) {
      assertEquals(i, order.get(i));
    }
  }

  @Test
  void losesNoCompletionWhenTheirQueueOverflows() throws Exception {
    // 256 polls become ready at once, in a completion queue of 4 entries.
    int fd = event();
    Poller poller = start(RingOptions.of(300).withEntries(4, 4));
    List<TestOperation> polls = new ArrayList<>();
    AtomicInteger submitted = new AtomicInteger();
    for (int i = 0; i < 256; i++) {
      TestOperation poll =
          new TestOperation(
              (sqes, at) -> {
                Sqe.pollAdd(sqes, at, fd, POLLIN, false);
                submitted.incrementAndGet();
              });
      polls.add(poll);
      poller.handOver(poller::submit, poll);
    }
    onPoller(poller, () -> true); // what was handed over has been submitted by the next pass
    TestOperation behind = TestOperation.nop();
    poller.execute(() -> poller.submit(behind));
    behind.await();
    assertEquals(0, Events.raise(fd));
    for (TestOperation poll : polls) {
      assertEquals(POLLIN, poll.await());
      assertEquals(1, poll.completions());
    }
    assertEquals(256, submitted.get());
  }

  @Test
  void linkedOperationsRunInOrderAndStopAtAFailure() throws Exception {
    Poller poller = start(RingOptions.of(8));
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    TestOperation first = new TestOperation(Sqe::nop, result -> order.add("first " + result));
    TestOperation bad =
        new TestOperation(
            (sqes, at) -> Sqe.fsync(sqes, at, -1, false), result -> order.add("bad " + result));
    TestOperation third = new TestOperation(Sqe::nop, result -> order.add("third " + result));
    poller.execute(() -> poller.submitLinked(first, bad, third));
    assertEquals(-Errno.ECANCELED, third.await());
    assertEquals(List.of("first 0", "bad " + -Errno.EBADF, "third " + -Errno.ECANCELED), order);
  }

  @Test
  void refusesAChainLongerThanTheQueue() {
    Poller poller = start(RingOptions.of(64).withEntries(4, 64));
    RingOperation[] chain = new RingOperation[5];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = TestOperation.nop();
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw onPoller(
              poller,
              () -> {
                try {
                  poller.submitLinked(chain);
                  return new AssertionError("accepted");
                } catch (IllegalArgumentException e) {
                  return e;
                }
              });
        });
  }

  @Test
  void chainsKeepTogetherInASmallQueue() throws Exception {
    Poller poller = start(RingOptions.of(64).withEntries(4, 64));
    List<TestOperation> all = new ArrayList<>();
    poller.execute(
        () -> {
          for (int i = 0; i < 30; i++) {
            TestOperation bad = new TestOperation((sqes, at) -> Sqe.fsync(sqes, at, -1, false));
            TestOperation behind = TestOperation.nop();
            TestOperation last = TestOperation.nop();
            poller.submitLinked(bad, behind, last);
            all.add(behind);
            all.add(last);
          }
          TestOperation end = TestOperation.nop();
          poller.submit(end);
        });
    onPoller(poller, () -> true);
    for (TestOperation operation : all) {
      assertEquals(-Errno.ECANCELED, operation.await());
    }
  }

  @Test
  void cancelsWhatIsInTheKernel() throws Exception {
    int fd = event();
    Poller poller = start(RingOptions.of(8));
    TestOperation poll = TestOperation.poll(fd);
    poller.execute(() -> poller.submit(poll));
    poller.execute(() -> poller.cancel(poll));
    assertEquals(-Errno.ECANCELED, poll.await());
    assertEquals(1, poll.completions());
  }

  @Test
  void cancelsWhatStillWaitsAndAlsoWhenTheRingIsFull() throws Exception {
    int fd = event();
    Poller poller = start(RingOptions.of(2).withEntries(2, 2));
    List<TestOperation> polls = new ArrayList<>();
    poller.execute(
        () -> {
          for (int i = 0; i < 5; i++) {
            TestOperation poll = TestOperation.poll(fd);
            polls.add(poll);
            poller.submit(poll);
          }
        });
    poller.execute(() -> polls.reversed().forEach(poller::cancel));
    for (TestOperation poll : onPoller(poller, () -> List.copyOf(polls))) {
      assertEquals(-Errno.ECANCELED, poll.await());
      assertEquals(1, poll.completions());
    }
  }

  @Test
  void aLateCancelDoesNotMeetTheNextOperation() throws Exception {
    int ready = event();
    int quiet = event();
    assertEquals(0, Events.raise(ready));
    Poller poller = start(RingOptions.of(64));
    int count = 48;
    List<TestOperation> second = new ArrayList<>();
    List<TestOperation> first = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TestOperation next = pollOf(quiet);
      second.add(next);
      // It ends at once; what takes its place in the tables is not what was cancelled.
      first.add(
          new TestOperation(
              (sqes, at) -> Sqe.pollAdd(sqes, at, ready, POLLIN, false),
              result -> poller.submit(next)));
    }
    poller.execute(
        () -> {
          first.forEach(poller::submit);
          first.forEach(poller::cancel);
        });
    for (TestOperation operation : first) {
      assertEquals(POLLIN, operation.await());
    }
    for (int i = 0; i < 100; i++) {
      TestOperation nop = TestOperation.nop();
      poller.handOver(poller::submit, nop);
      assertEquals(0, nop.await());
    }
    assertEquals(0, Events.raise(quiet));
    for (TestOperation operation : second) {
      assertEquals(POLLIN, operation.await());
    }
  }

  @Test
  void limitsTheTimeOfAnOperation() throws Exception {
    int fd = event();
    Poller poller = start(RingOptions.of(8));
    TestOperation poll = TestOperation.poll(fd);
    long begun = System.nanoTime();
    poller.execute(() -> poller.submitWithin(poll, 20_000_000));
    assertEquals(-Errno.ECANCELED, poll.await());
    assertTrue(System.nanoTime() - begun >= 20_000_000);
    TestOperation quick = TestOperation.nop();
    poller.execute(() -> poller.submitWithin(quick, 30_000_000_000L));
    assertEquals(0, quick.await());
  }

  @Test
  void timersFire() throws Exception {
    Poller poller = start(RingOptions.of(8));
    Arena arena = Arena.ofShared();
    opened.add(arena);
    KernelTimespec time = new KernelTimespec(arena).set(10_000_000);
    TestOperation timer =
        new TestOperation((sqes, at) -> Sqe.timeout(sqes, at, time.address(), 0, 0));
    long begun = System.nanoTime();
    poller.execute(() -> poller.submit(timer));
    assertEquals(-Errno.ETIME, timer.await());
    assertTrue(System.nanoTime() - begun >= 10_000_000);
  }

  @Test
  void closingCancelsWhatIsInFlightAndRefusesWhatComesLater() throws Exception {
    int fd = event();
    Poller poller = Poller.start("closing", RingOptions.of(4));
    List<TestOperation> polls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      TestOperation poll = TestOperation.poll(fd);
      polls.add(poll);
      poller.handOver(poller::submit, poll);
    }
    TestOperation waits = TestOperation.nop();
    poller.execute(() -> poller.submit(waits));
    poller.close();
    for (TestOperation poll : polls) {
      assertTrue(poll.isDone());
      assertEquals(1, poll.completions());
      assertTrue(poll.await() == -Errno.ECANCELED || poll.await() == -Errno.ESHUTDOWN);
    }
    assertEquals(-Errno.ESHUTDOWN, waits.await());
    assertFalse(poller.handOver(poller::submit, TestOperation.nop()));
    AtomicBoolean ran = new AtomicBoolean();
    assertFalse(poller.execute(() -> ran.set(true)));
    assertFalse(ran.get());
    poller.close();
  }

  @Test
  void fullHandOverQueueParksProducersUntilThereIsRoom() throws Exception {
    int fd = event();
    Poller poller = start(RingOptions.of(1));
    TestOperation blocker = TestOperation.poll(fd);
    poller.handOver(poller::submit, blocker);
    onPoller(poller, () -> true);
    AtomicInteger handedOver = new AtomicInteger();
    List<TestOperation> nops = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      nops.add(TestOperation.nop());
    }
    Thread producer =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (TestOperation nop : nops) {
                    poller.handOver(poller::submit, nop);
                    handedOver.incrementAndGet();
                  }
                });
    while (producer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertTrue(handedOver.get() < nops.size());
    assertEquals(0, Events.raise(fd));
    for (TestOperation nop : nops) {
      assertEquals(0, nop.await());
    }
    producer.join();
    assertEquals(nops.size(), handedOver.get());
  }

  @Test
  void aCallbackThatThrowsStopsNobodyElse() throws Exception {
    Poller poller = start(RingOptions.of(4));
    AtomicInteger reported = new AtomicInteger();
    onPoller(
        poller,
        () -> {
          Thread.currentThread()
              .setUncaughtExceptionHandler((thread, defect) -> reported.incrementAndGet());
          return true;
        });
    TestOperation defective =
        new TestOperation(
            Sqe::nop,
            result -> {
              throw new IllegalStateException("a defect");
            });
    poller.execute(() -> poller.submit(defective));
    TestOperation good = TestOperation.nop();
    poller.execute(() -> poller.submit(good));
    assertEquals(0, good.await());
    assertEquals(1, reported.get());
  }

  @Test
  void worksWithoutEachFlagThatOlderKernelsLack() throws Exception {
    int without = 0;
    int[] newestFirst = {
      Uring.SETUP_NO_SQARRAY,
      Uring.SETUP_DEFER_TASKRUN,
      Uring.SETUP_SINGLE_ISSUER,
      Uring.SETUP_COOP_TASKRUN,
      Uring.SETUP_SUBMIT_ALL,
      Uring.SETUP_CQSIZE,
      Uring.SETUP_CLAMP
    };
    for (int flag : newestFirst) {
      without |= flag;
      Poller poller = start(RingOptions.of(8).without(without));
      assertEquals(0, poller.flags() & without, poller.flagNames());
      for (int i = 0; i < 100; i++) {
        TestOperation nop = TestOperation.nop();
        poller.handOver(poller::submit, nop);
        assertEquals(0, nop.await());
      }
    }
  }

  @Test
  void worksWithAKernelThreadThatSubmits() throws Exception {
    Poller poller;
    try {
      poller = start(RingOptions.of(8).withSqPoll(true));
    } catch (NativeException e) {
      Assumptions.abort("no SQPOLL here: " + e.getMessage());
      return;
    }
    for (int i = 0; i < 2_000; i++) {
      TestOperation nop = TestOperation.nop();
      poller.handOver(poller::submit, nop);
      assertEquals(0, nop.await());
    }
  }

  @Test
  @Timeout(30)
  void wakesTheKernelThreadThatSubmitsOnceItSleeps() throws Exception {
    FailingRing.Faults counts = new FailingRing.Faults();
    AtomicReference<FailingRing> made = new AtomicReference<>();
    // A poller that never sleeps raises no event, whose arrival would wake the kernel thread too.
    RingOptions options = RingOptions.of(8).withSqPoll(true).withSpins(1 << 30);
    Poller poller;
    try {
      poller =
          Poller.start(
              "dioring-test",
              options,
              asked -> {
                made.set(new FailingRing(asked, counts));
                return made.get();
              });
    } catch (NativeException e) {
      Assumptions.abort("no SQPOLL here: " + e.getMessage());
      return;
    }
    opened.add(poller);
    FailingRing ring = made.get();
    int rounds = 10;
    for (int i = 0; i < rounds; i++) {
      while (!onPoller(poller, ring::needsWakeUp)) {
        Thread.onSpinWait();
      }
      TestOperation nop = TestOperation.nop();
      poller.handOver(poller::submit, nop);
      assertEquals(0, nop.await());
    }
    assertTrue(counts.wakeUps.get() >= rounds, () -> counts.wakeUps + " wake-ups");
  }

  @Test
  void wideEntriesCarryOperationsAndCommands() throws Exception {
    Poller poller;
    try {
      poller = start(RingOptions.of(8).withEntries(4, 8).withWideEntries(true));
    } catch (NativeException e) {
      Assumptions.abort("no SQE128 here: " + e.getMessage());
      return;
    }
    assertTrue(poller.flagNames().contains("SQE128"), poller.flagNames());
    int fd = event();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment counter = arena.allocate(JAVA_LONG);
      for (int i = 1; i <= 100; i++) {
        assertEquals(0, Events.raise(fd));
        TestOperation read =
            new TestOperation(
                (sqes, at) ->
                    Sqe.transfer(sqes, at, Uring.OP_READ, fd, counter.address(), Long.BYTES, 0));
        TestOperation nop = TestOperation.nop();
        // Its driver knows no commands: that the kernel says so shows that it read the entry.
        TestOperation command =
            new TestOperation((sqes, at) -> Sqe.wideCommand(sqes, at, fd, 0x1234));
        poller.execute(() -> poller.submitLinked(nop, read, command));
        assertEquals(0, nop.await());
        assertEquals(Long.BYTES, read.await());
        assertEquals(1, counter.get(JAVA_LONG, 0));
        assertEquals(-Errno.EOPNOTSUPP, command.await());
      }
      TestOperation timed = pollOf(fd);
      poller.execute(() -> poller.submitWithin(timed, 1_000_000));
      assertEquals(-Errno.ECANCELED, timed.await());
    }
  }

  private static TestOperation pollOf(int fd) {
    return TestOperation.poll(fd);
  }

  @Test
  void registersFilesAndForgetsThem() throws Exception {
    int fd = event();
    Poller poller = start(RingOptions.of(8));
    int index = onPoller(poller, () -> poller.files().add(fd));
    assertEquals(0, index);
    assertEquals(1, onPoller(poller, () -> poller.files().add(fd)));
    assertEquals(0, Events.raise(fd));
    assertEquals(POLLIN, pollFixed(poller, index));
    onPoller(
        poller,
        () -> {
          poller.files().remove(index);
          return true;
        });
    assertEquals(-Errno.EBADF, pollFixed(poller, index));
    assertEquals(-Errno.EBADF, onPoller(poller, () -> poller.files().add(-5)));
  }

  private int pollFixed(Poller poller, int index) throws InterruptedException {
    TestOperation poll =
        new TestOperation(
            (sqes, at) -> {
              Sqe.pollAdd(sqes, at, index, POLLIN, false);
              Sqe.flags(sqes, at, Uring.SQE_FIXED_FILE);
            });
    poller.execute(() -> poller.submit(poll));
    return poll.await();
  }

  private Poller start(RingOptions options) {
    Poller poller = Poller.start("dioring-test", options);
    opened.add(poller);
    return poller;
  }

  private int event() {
    int fd = Events.create();
    assertTrue(fd >= 0);
    opened.add(() -> LinuxFiles.close(fd));
    return fd;
  }

  private static <T> T onPoller(Poller poller, Supplier<T> question) {
    List<T> answer = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(1);
    poller.execute(
        () -> {
          answer.add(question.get());
          done.countDown();
        });
    try {
      assertTrue(done.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return answer.get(0);
  }
}
