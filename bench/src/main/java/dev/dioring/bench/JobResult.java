package dev.dioring.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job, or a group of jobs, measured.
 *
 * @param jobs number of jobs in it
 * @param recorder latencies and counts
 * @param runtimeNanos time measured
 * @param readSamples IOPS of reads
 * @param writeSamples IOPS of writes
 */
record JobResult(
    int jobs, Recorder recorder, long runtimeNanos, Samples readSamples, Samples writeSamples) {
  /** What a job that did nothing measured. */
  static JobResult idle(JobSpec spec) {
    return new JobResult(1, new Recorder(spec, false), 1, new Samples(), new Samples());
  }

  /** The jobs as one. */
  static JobResult group(JobSpec spec, List<JobResult> results) {
    Recorder.Latencies any = latencies(results.get(0));
    Recorder sum = new Recorder(spec, any != null && any.submission != null);
    Samples reads = new Samples();
    Samples writes = new Samples();
    long runtimeNanos = 0;
    int jobs = 0;
    for (JobResult result : results) {
      sum.add(result.recorder);
      reads.addEach(result.readSamples);
      writes.addEach(result.writeSamples);
      runtimeNanos = Math.max(runtimeNanos, result.runtimeNanos);
      jobs += result.jobs;
    }
    return new JobResult(jobs, sum, runtimeNanos, reads, writes);
  }

  /** Operations measured, without the ramp. */
  long operations(Turn.Action action) {
    Recorder.Latencies latencies = recorder.latencies(action);
    return latencies == null ? 0 : latencies.total.getTotalCount();
  }

  /** Reads and writes measured. */
  long operations() {
    return operations(Turn.Action.READ) + operations(Turn.Action.WRITE);
  }

  double iops(Turn.Action action) {
    return operations(action) * 1e9 / runtimeNanos;
  }

  double iops() {
    return operations() * 1e9 / runtimeNanos;
  }

  double bytesPerSecond(Turn.Action action) {
    return recorder.bytes(action) * 1e9 / runtimeNanos;
  }

  Samples samples(Turn.Action action) {
    return action == Turn.Action.READ ? readSamples : writeSamples;
  }

  private static Recorder.@Nullable Latencies latencies(JobResult result) {
    Recorder.Latencies reads = result.recorder.latencies(Turn.Action.READ);
    return reads != null ? reads : result.recorder.latencies(Turn.Action.WRITE);
  }
}
