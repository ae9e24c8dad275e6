package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.PowerCut;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Checks many states of one recorded workload on all processors. */
final class CrashStates {
  private final Recorded recorded;
  private final PowerCut cuts;
  private final Path directory;
  private final AtomicReference<@Nullable String> violation = new AtomicReference<>();

  CrashStates(Recorded recorded, long seed, Path directory) {
    this.recorded = recorded;
    this.directory = directory;
    cuts = recorded.cuts(seed);
  }

  /** Plain states: what was flushed and no more, and everything, behind every flush. */
  int plainStates() {
    return cuts.plainStates();
  }

  /**
   * Checks states until one is wrong.
   *
   * @return what is wrong with it, or null
   */
  @Nullable String check(int from, int end) throws Exception {
    AtomicInteger next = new AtomicInteger(from);
    int threads = Runtime.getRuntime().availableProcessors();
    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        int thread = i;
        workers.add(executor.submit(() -> work(next, end, thread)));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    return violation.get();
  }

  private @Nullable Void work(AtomicInteger next, int end, int thread) throws Exception {
    try (CrashCheck check = new CrashCheck(recorded, cuts, directory, thread)) {
      for (int number = next.getAndIncrement();
          number < end && violation.get() == null;
          number = next.getAndIncrement()) {
        String wrong = check.check(number);
        if (wrong != null && violation.compareAndSet(null, wrong)) {
          keep(number);
        }
      }
    }
    return null;
  }

  /** Timing differs from run to run, so the state itself is kept for whoever looks into it. */
  private void keep(int number) throws Exception {
    String where = System.getProperty("dioring.crash.keep", "");
    if (!where.isEmpty()) {
      try (CrashCheck check = new CrashCheck(recorded, cuts, directory, Integer.MAX_VALUE)) {
        check.store(number);
        Files.copy(check.file(), Path.of(where), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
