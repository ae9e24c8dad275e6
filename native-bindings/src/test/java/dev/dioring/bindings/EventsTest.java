package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EventsTest {
  @Test
  void raisesAddUpUntilTaken() {
    int fd = Events.create();
    assertTrue(fd >= 0, () -> Errno.name(fd));
    assertEquals(0, Events.raise(fd));
    assertEquals(0, Events.raise(fd));
    assertEquals(2, Events.take(fd));
    assertEquals(0, LinuxFiles.close(fd));
    assertEquals(-Errno.EBADF, Events.raise(fd));
    assertEquals(-Errno.EBADF, Events.take(fd));
  }

  @Test
  void aRaiseWakesAWaiter() throws Exception {
    int fd = Events.create();
    long[] taken = new long[1];
    Thread waiter = Thread.ofPlatform().start(() -> taken[0] = Events.take(fd));
    assertEquals(0, Events.raise(fd));
    waiter.join(30_000);
    assertEquals(1, taken[0]);
    assertEquals(0, LinuxFiles.close(fd));
  }
}
