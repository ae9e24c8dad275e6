package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final String ALLOWED = "Cpus_allowed_list:";

  @Test
  void aThreadStaysOnTheProcessorItNamesUntilItGoesBack() throws Exception {
    String before = allowed();
    // The first of a list like "0-3,8".
    int first = Integer.parseInt(before.split("[-,]", -1)[0]);
    String after =
        onNewThread(
            () -> {
              Affinity anywhere = Affinity.current();
              assertEquals(0, Affinity.to(first).apply());
              assertEquals(Integer.toString(first), allowed());
              assertEquals(0, anywhere.apply());
              return allowed();
            });
    assertEquals(before, after);
    assertEquals(before, allowed(), "of other threads");
  }

  @Test
  void aProcessorThatIsNotThereIsRefused() throws Exception {
    int refused = onNewThread(() -> Affinity.to(8191).apply());
    assertTrue(refused == -Errno.EINVAL, () -> Errno.name(refused));
  }

  private static <T> T onNewThread(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread unused = Thread.ofPlatform().start(task);
    return task.get(30, TimeUnit.SECONDS);
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
