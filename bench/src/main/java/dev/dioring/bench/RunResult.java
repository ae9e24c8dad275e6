package dev.dioring.bench;

import java.util.List;
import java.util.Map;

/**
 * What a run of all jobs measured.
 *
 * @param usage of the process, while it was measured
 * @param counters of the targets, added up
 */
record RunResult(
    JobSpec spec,
    List<JobResult> jobs,
    Target.Backend backend,
    ProcessUsage usage,
    Map<String, Long> counters) {
  JobResult group() {
    return JobResult.group(spec, jobs);
  }

  /** CPU time of the process for each read or write. */
  double cpuNanosPerOperation() {
    return perOperation(usage.cpuNanos());
  }

  /** Heap bytes that the process allocated for each read or write. */
  double allocatedBytesPerOperation() {
    return perOperation(usage.allocatedBytes());
  }

  private double perOperation(long value) {
    long operations = jobs.stream().mapToLong(JobResult::operations).sum();
    return operations == 0 ? 0 : (double) value / operations;
  }
}
