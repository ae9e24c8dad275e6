package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.PowerCut;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Checks many states of one recorded workload on all processors. */
final class CrashStates {
  /** Names a saved state, which is checked alone. */
  static final String REPLAY = "dioring.crash.replay";

  private static final Path SAVED =
      Path.of(System.getProperty("dioring.crash.keep", "target/crash")).toAbsolutePath();

  private final Recorded recorded;
  private final PowerCut cuts;
  private final Path directory;
  private final AtomicReference<@Nullable String> violation = new AtomicReference<>();

  /** Written by the thread that found the violation. */
  private volatile @Nullable Path saved;

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
    try (CrashCheck check = new CrashCheck(recorded.initial().length, directory, thread)) {
      for (int number = next.getAndIncrement();
          number < end && violation.get() == null;
          number = next.getAndIncrement()) {
        CrashState state = recorded.state(cuts.state(number));
        String wrong = check.check(state, number);
        if (wrong != null && violation.compareAndSet(null, wrong)) {
          saved = SavedState.save(state, SAVED, "crash-" + number);
        }
      }
    }
    return null;
  }

  /** The state that is wrong. */
  Path saved() {
    return Objects.requireNonNull(saved, "all states are right");
  }

  /** How to check the state again that is wrong. */
  String replayFlag() {
    return "replay with -D" + REPLAY + "=" + saved;
  }
}
