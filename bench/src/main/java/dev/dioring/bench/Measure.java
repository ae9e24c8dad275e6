package dev.dioring.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.HdrHistogram.Histogram;

/**
 * The figures of one run that are compared.
 *
 * @param cpuNanos per operation
 * @param medianNanos completion latency; of the reads where the pattern is mixed
 * @param p99Nanos likewise
 * @param allocatedBytes per operation; 0 for fio
 */
record Measure(
    double iops, double cpuNanos, double medianNanos, double p99Nanos, double allocatedBytes) {
  static Measure of(RunResult result) {
    JobResult group = result.group();
    Turn.Action action = result.spec().pattern().reads ? Turn.Action.READ : Turn.Action.WRITE;
    Recorder.Latencies latencies = group.recorder().latencies(action);
    if (latencies == null) {
      throw new AssertionError("a run that recorded nothing");
    }
    Histogram completion = latencies.completion;
    return new Measure(
        group.iops(),
        result.cpuNanosPerOperation(),
        completion.getValueAtPercentile(50),
        completion.getValueAtPercentile(99),
        result.allocatedBytesPerOperation());
  }

  /** Reads fio's JSON of one group. Its CPU percentages are of the job's runtime. */
  static Measure ofFio(String json) throws BenchException {
    try {
      // fio puts notes before the object.
      JsonNode root = new ObjectMapper().readTree(json.substring(Math.max(0, json.indexOf('{'))));
      JsonNode job = root.path("jobs").path(0);
      JsonNode read = job.path("read");
      JsonNode write = job.path("write");
      double ios = read.path("total_ios").asDouble() + write.path("total_ios").asDouble();
      if (job.path("error").asInt() != 0 || ios == 0) {
        throw new BenchException(
            BenchException.UNAVAILABLE, "fio failed with error " + job.path("error").asInt());
      }
      double percent = job.path("usr_cpu").asDouble() + job.path("sys_cpu").asDouble();
      double cpuNanos = percent / 100 * job.path("job_runtime").asDouble() * 1e6;
      JsonNode percentiles =
          (read.path("total_ios").asLong() > 0 ? read : write).path("clat_ns").path("percentile");
      return new Measure(
          read.path("iops").asDouble() + write.path("iops").asDouble(),
          cpuNanos / ios,
          percentiles.path("50.000000").asDouble(),
          percentiles.path("99.000000").asDouble(),
          0);
    } catch (JsonProcessingException e) {
      throw new BenchException(
          BenchException.DATA_ERROR, "fio's report is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
