package dev.dioring.bench;

import java.util.Map;

/** What a job reads and writes, open. Each job has its own. */
interface Target extends AutoCloseable {
  /**
   * What serves the I/O.
   *
   * @param backend short name
   * @param reason why that one
   * @param features what it has switched on
   */
  record Backend(String backend, String reason, String features) {}

  Backend backend();

  /** Size of the file or device. */
  long sizeBytes();

  /** What offsets and lengths must be multiples of. */
  int alignmentBytes();

  /** Starts all turns of the job, which then goes on by itself. */
  void start(Job job) throws BenchException;

  /** Counters of its own for the report, read when the job has ended. */
  default Map<String, Long> counters() {
    return Map.of();
  }

  /** Frees it; the job has ended. */
  @Override
  void close() throws BenchException;
}
