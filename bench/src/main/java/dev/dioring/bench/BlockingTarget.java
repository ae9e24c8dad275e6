package dev.dioring.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Blocking I/O from as many threads as the depth, platform or virtual. */
final class BlockingTarget implements Target {
  private static final long ALIGNMENT = 4096;

  /** The blocking calls. Thread-safe. */
  interface Calls extends AutoCloseable {
    Backend backend();

    long sizeBytes();

    int alignmentBytes();

    /**
     * Performs the turn's action.
     *
     * @return bytes transferred, 0 for a sync, or {@code -errno}
     */
    long perform(Turn turn) throws IOException;

    default Map<String, Long> counters() {
      return Map.of();
    }

    @Override
    void close() throws BenchException;
  }

  private final Calls calls;
  private final boolean virtual;
  private final Arena arena = Arena.ofShared();
  private final List<Thread> threads = new ArrayList<>();

  BlockingTarget(Calls calls, boolean virtual) {
    this.calls = calls;
    this.virtual = virtual;
  }

  @Override
  public Backend backend() {
    Backend backend = calls.backend();
    String kind = virtual ? "virtual threads" : "platform threads";
    String features = backend.features().isEmpty() ? kind : backend.features() + " " + kind;
    return new Backend(backend.backend(), backend.reason(), features);
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
    var builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    builder.name("bench-" + job.number() + "-", 0);
    for (int i = 0; i < job.spec().iodepth(); i++) {
      MemorySegment memory = arena.allocate(job.spec().bs(), ALIGNMENT);
      Turn turn = new Turn(job, job.recorder(false), memory, false);
      threads.add(builder.unstarted(() -> run(turn)));
    }
    job.starts(System.nanoTime());
    threads.forEach(Thread::start);
  }

  private void run(Turn turn) {
    long now = System.nanoTime();
    try {
      while (turn.prepare(now)) {
        now = turn.finishBlocking(calls.perform(turn));
      }
    } catch (IOException e) {
      turn.job.failed(e.getMessage());
    } finally {
      turn.job.left(now);
    }
  }

  @Override
  public void close() throws BenchException {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    calls.close();
    arena.close();
  }
}
