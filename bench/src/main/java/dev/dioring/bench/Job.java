package dev.dioring.bench;

import dev.dioring.engine.block.BlockIoException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One job while it runs: its plan, what it measured, and whether it failed. Thread-safe. */
final class Job {
  private final JobSpec spec;
  private final int number;
  private final Plan plan;
  private final CountDownLatch running;
  private final AtomicLong endNanos = new AtomicLong(Long.MIN_VALUE);
  private final AtomicReference<@Nullable BenchException> failure = new AtomicReference<>();

  /** Filled before the job starts. */
  private final List<Recorder> recorders = new ArrayList<>();

  private volatile long measureFromNanos;

  Job(JobSpec spec, int number, long sizeBytes) {
    this.spec = spec;
    this.number = number;
    plan = new Plan(spec, number, sizeBytes);
    running = new CountDownLatch(spec.iodepth());
  }

  JobSpec spec() {
    return spec;
  }

  int number() {
    return number;
  }

  Plan plan() {
    return plan;
  }

  /** Adds a recorder, while the job is being set up. */
  Recorder recorder(boolean tellsSubmission) {
    Recorder recorder = new Recorder(spec, tellsSubmission);
    recorders.add(recorder);
    return recorder;
  }

  void starts(long nowNanos) {
    measureFromNanos = nowNanos + spec.rampNanos();
    if (spec.runtimeNanos() > 0) {
      plan.deadline(measureFromNanos + spec.runtimeNanos());
    }
  }

  /** Whether an operation that ends now is measured, or still belongs to the ramp. */
  boolean measures(long nowNanos) {
    return nowNanos - measureFromNanos >= 0;
  }

  /** A turn has no more to do. */
  void left(long nowNanos) {
    endNanos.accumulateAndGet(nowNanos, Math::max);
    running.countDown();
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    return running.await(nanos, TimeUnit.NANOSECONDS);
  }

  void failed(Turn turn, long result) {
    String operation = turn.action.name().toLowerCase(java.util.Locale.ROOT);
    failed(
        new BlockIoException(
                operation, spec.filename(number), turn.byteOffset, spec.bs(), (int) result, "")
            .getMessage());
  }

  void failed(@Nullable String message) {
    failure.compareAndSet(
        null, new BenchException(BenchException.IO_ERROR, String.valueOf(message)));
    plan.stop();
  }

  @Nullable BenchException failure() {
    return failure.get();
  }

  /** Operations done so far, ramp included. */
  long operations(Turn.Action action) {
    long sum = 0;
    for (Recorder recorder : recorders) {
      sum += recorder.operations(action);
    }
    return sum;
  }

  /** Nanoseconds measured, up to the last completion. */
  long measuredNanos() {
    return Math.max(1, endNanos.get() - measureFromNanos);
  }

  /** All that was measured, once the job has ended. */
  Recorder total() {
    Recorder first = recorders.get(0);
    Recorder sum = new Recorder(spec, tellsSubmission(first));
    for (Recorder recorder : recorders) {
      sum.add(recorder);
    }
    return sum;
  }

  private static boolean tellsSubmission(Recorder recorder) {
    for (Turn.Action action : Turn.Action.values()) {
      Recorder.Latencies latencies = recorder.latencies(action);
      if (latencies != null) {
        return latencies.submission != null;
      }
    }
    return false;
  }
}
