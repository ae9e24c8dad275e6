package dev.dioring.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Calls that return futures: whoever completes one starts the turn's next. */
final class FutureTarget implements Target {
  private static final long ALIGNMENT = 4096;

  /** Calls with futures, besides the blocking ones. */
  interface Calls extends BlockingTarget.Calls {
    /** Starts the turn's action; the future gives what {@link #perform} returns. */
    CompletableFuture<? extends Number> start(Turn turn);
  }

  private final Calls calls;
  private final Arena arena = Arena.ofShared();

  FutureTarget(Calls calls) {
    this.calls = calls;
  }

  @Override
  public Backend backend() {
    Backend backend = calls.backend();
    return new Backend(
        backend.backend(), backend.reason(), (backend.features() + " futures").strip());
  }

  @Override
  public long sizeBytes() {
    return calls.sizeBytes();
  }

  @Override
  public int alignmentBytes() {
    return calls.alignmentBytes();
  }

  @Override
  public Map<String, Long> counters() {
    return calls.counters();
  }

  @Override
  public void start(Job job) {
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < job.spec().iodepth(); i++) {
      MemorySegment memory = arena.allocate(job.spec().bs(), ALIGNMENT);
      turns.add(new Turn(job, job.recorder(false), memory, false));
    }
    job.starts(System.nanoTime());
    turns.forEach(turn -> turn.drive(this::issue, System.nanoTime()));
  }

  private void issue(Turn turn) {
    CompletableFuture<Void> unused =
        calls.start(turn).thenAccept(result -> turn.completed(this::issue, result.longValue()));
  }

  @Override
  public void close() throws BenchException {
    calls.close();
    arena.close();
  }
}
