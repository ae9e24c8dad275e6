package dev.dioring.engine.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Events;
import dev.dioring.bindings.LinuxFiles;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rare moments of waking a poller, brought about on purpose. What hangs here does so in native
 * code or in joins that no interrupt ends, hence the separate thread.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WakeUpTest {
  private static final int QUEUE = 4;

  /** The poller's first pass finds enough to fill its queue, before it could ask to be woken. */
  @ParameterizedTest
  @ValueSource(ints = {QUEUE, QUEUE + 1, 3 * QUEUE})
  void wakesAPollerWhoseFirstPassFilledItsQueue(int count) throws Exception {
    int fd = Events.create();
    List<TestOperation> polls = TestOperation.polls(fd, count);
    try (Poller poller =
        Poller.start(
            "first pass",
            RingOptions.of(QUEUE),
            options -> {
              Poller own = Poller.current();
              assertTrue(own.execute(() -> polls.forEach(own::submit)));
              return new Ring(options);
            })) {
      CountDownLatch ran = new CountDownLatch(1);
      assertTrue(poller.execute(ran::countDown));
      assertTrue(ran.await(30, TimeUnit.SECONDS));
    } finally {
      LinuxFiles.close(fd);
    }
    for (TestOperation poll : polls) {
      int result = poll.await();
      assertTrue(
          result == -Errno.ECANCELED || result == -Errno.ESHUTDOWN,
          () -> "a poll ended with " + result);
      assertEquals(1, poll.completions());
    }
  }

  /**
   * A ring is lost between a producer's claim of the wake-up and the wake-up itself, after which
   * the poller is woken in another way. It still counts on the raise that was claimed.
   */
  @Test
  void raisesTheCounterThatItClaimedThoughThePollerParksByNow() {
    WakeUp wakeUp = new WakeUp();
    wakeUp.announceSleep(false);
    int claimed = wakeUp.claim();
    wakeUp.awake();
    wakeUp.byUnpark(Thread.currentThread());
    wakeUp.wake(claimed);
    wakeUp.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unparksOnce(boolean full) {
    WakeUp wakeUp = new WakeUp();
    wakeUp.byUnpark(Thread.currentThread());
    wakeUp.announceSleep(full);
    wakeUp.raise();
    assertEquals(WakeUp.AWAKE, wakeUp.claim());
    LockSupport.park(this);
    wakeUp.awake();
    wakeUp.close();
  }
}
