package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a queue's thread stays on its processor, as the kernel sees it. */
class QueueHomeTest {
  private static final String ALLOWED = "Cpus_allowed_list:";

  @Test
  void itStaysWhileRequestsAreAnsweredAtOnceAndGoesWhereTheyWait() throws Exception {
    String before = allowed();
    int first = first(before);
    boolean done =
        onNewThread(
            () -> {
              QueueHome home = new QueueHome(first);
              serve(home, true, QueueHome.STAYS_AT - 1);
              assertEquals(before, allowed());
              serve(home, true, 1);
              assertEquals(Integer.toString(first), allowed());
              serve(home, false, QueueHome.STAYS_AT / QueueHome.WAIT - 1);
              assertTrue(home.stays(), "a few that wait do not count");
              serve(home, false, 1);
              assertEquals(before, allowed());
              return !home.stays();
            });
    assertTrue(done);
  }

  @Test
  void itMayHaveToStay() throws Exception {
    int first = first(allowed());
    boolean stays =
        onNewThread(
            () -> {
              QueueHome home = new QueueHome(first);
              home.always();
              serve(home, true, QueueHome.STAYS_AT);
              serve(home, false, QueueHome.STAYS_AT);
              return home.stays() && allowed().equals(Integer.toString(first));
            });
    assertTrue(stays);
  }

  @Test
  void aProcessorThatIsNotThereIsNoHome() throws Exception {
    boolean stays =
        onNewThread(
            () -> {
              QueueHome home = new QueueHome(8191);
              serve(home, true, QueueHome.STAYS_AT);
              return home.stays();
            });
    assertFalse(stays);
  }

  private static void serve(QueueHome home, boolean atOnce, int times) {
    for (int i = 0; i < times; i++) {
      home.served(atOnce);
    }
  }

  private static <T> T onNewThread(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread unused = Thread.ofPlatform().start(task);
    return task.get(30, TimeUnit.SECONDS);
  }

  /** The first of a list like "0-3,8". */
  private static int first(String list) {
    return Integer.parseInt(list.split("[-,]", -1)[0]);
  }

  private static String allowed() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
      if (line.startsWith(ALLOWED)) {
        return line.substring(ALLOWED.length()).strip();
      }
    }
    throw new AssertionError("no " + ALLOWED);
  }
}
