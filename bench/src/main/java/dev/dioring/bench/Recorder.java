package dev.dioring.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What was measured, by one thread at a time. Jobs whose completions all run on one thread share
 * one recorder among their turns; else each turn has its own, and they are added up at the end.
 */
final class Recorder {
  /** Latencies of one kind of operation. */
  static final class Latencies {
    static final long NANOS_MAX = 3_600_000_000_000L;
    private static final int DIGITS = 2;

    /** From the start of the I/O to its hand-over; null where that is not told apart. */
    final @Nullable Histogram submission;

    /** From the hand-over to the completion. */
    final Histogram completion = new Histogram(NANOS_MAX, DIGITS);

    /** Both together; the same histogram as {@link #completion} where that is all there is. */
    final Histogram total;

    Latencies(boolean tellsSubmission) {
      submission = tellsSubmission ? new Histogram(NANOS_MAX, DIGITS) : null;
      total = tellsSubmission ? new Histogram(NANOS_MAX, DIGITS) : completion;
    }

    void record(long startNanos, long queuedNanos, long endNanos) {
      if (submission != null) {
        submission.recordValue(clamp(queuedNanos - startNanos));
        total.recordValue(clamp(endNanos - startNanos));
      }
      completion.recordValue(clamp(endNanos - queuedNanos));
    }

    void add(Latencies other) {
      if (submission != null && other.submission != null) {
        submission.add(other.submission);
        total.add(other.total);
      }
      completion.add(other.completion);
    }

    private static long clamp(long nanos) {
      return Math.max(0, Math.min(NANOS_MAX, nanos));
    }
  }

  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int ACTIONS = Turn.Action.COUNT;

  private final @Nullable Latencies[] latencies = new Latencies[ACTIONS];

  /** Operations done, ramp included; other threads look at them for the progress. */
  private final long[] operations = new long[ACTIONS];

  private final long[] bytes = new long[ACTIONS];
  private final long[] shortOperations = new long[ACTIONS];

  Recorder(JobSpec spec, boolean tellsSubmission) {
    boolean tells = tellsSubmission && spec.slat();
    if (spec.pattern().reads) {
      latencies[Turn.Action.READ.index] = new Latencies(tells);
    }
    if (spec.pattern().writes) {
      latencies[Turn.Action.WRITE.index] = new Latencies(tells);
    }
    if (spec.fsync() > 0) {
      latencies[Turn.Action.SYNC.index] = new Latencies(tells);
    }
  }

  /** Counts an operation for the progress. */
  void seen(Turn.Action action) {
    int index = action.index;
    COUNTS.setOpaque(operations, index, operations[index] + 1);
  }

  void record(Turn turn, long result, int expected) {
    int index = turn.action.index;
    Latencies of = latencies[index];
    if (of != null) {
      of.record(turn.startNanos, turn.queuedNanos, turn.endNanos);
      bytes[index] += result;
      if (result < expected && turn.action != Turn.Action.SYNC) {
        shortOperations[index]++;
      }
    }
  }

  long operations(Turn.Action action) {
    return (long) COUNTS.getOpaque(operations, action.index);
  }

  long bytes(Turn.Action action) {
    return bytes[action.index];
  }

  long shortOperations(Turn.Action action) {
    return shortOperations[action.index];
  }

  @Nullable Latencies latencies(Turn.Action action) {
    return latencies[action.index];
  }

  /** Adds another recorder's measurements; both are at rest. */
  void add(Recorder other) {
    for (int i = 0; i < ACTIONS; i++) {
      operations[i] += other.operations[i];
      bytes[i] += other.bytes[i];
      shortOperations[i] += other.shortOperations[i];
      Latencies mine = latencies[i];
      Latencies others = other.latencies[i];
      if (mine != null && others != null) {
        mine.add(others);
      }
    }
  }
}
