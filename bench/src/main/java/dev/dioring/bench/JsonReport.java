package dev.dioring.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A run's report with fio's JSON keys and units. What fio does not have is in an object {@code
 * dioring} of each job. CPU time, context switches and faults are the process's, shared equally
 * among its jobs.
 */
final class JsonReport {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> DEPTHS = List.of("1", "2", "4", "8", "16", "32", ">=64");

  private JsonReport() {}

  static String of(RunResult result) {
    ObjectNode root = MAPPER.createObjectNode();
    Instant now = Instant.now();
    root.put("dioring version", Main.VERSION);
    root.put("timestamp", now.getEpochSecond());
    root.put("timestamp_ms", now.toEpochMilli());
    root.put("time", now.toString());
    ArrayNode jobs = root.putArray("jobs");
    List<JobResult> shown =
        result.spec().groupReporting() ? List.of(result.group()) : result.jobs();
    for (JobResult job : shown) {
      jobs.add(job(result, job));
    }
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree that cannot be written", e);
    }
  }

  private static ObjectNode job(RunResult result, JobResult job) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("jobname", result.spec().name());
    node.put("groupid", 0);
    node.put("error", 0);
    node.put("eta", 0);
    node.put("elapsed", job.runtimeNanos() / 1_000_000_000 + 1);
    node.set("job options", options(result.spec()));
    node.set("read", transfers(result.spec(), job, Turn.Action.READ));
    node.set("write", transfers(result.spec(), job, Turn.Action.WRITE));
    node.set("trim", transfers(result.spec(), JobResult.idle(result.spec()), Turn.Action.READ));
    ObjectNode sync = node.putObject("sync");
    sync.put("total_ios", job.operations(Turn.Action.SYNC));
    Recorder.Latencies syncs = job.recorder().latencies(Turn.Action.SYNC);
    sync.set("lat_ns", latency(syncs == null ? null : syncs.total));
    usage(result, job, node);
    ObjectNode depths = node.putObject("iodepth_level");
    int depth = Math.min(64, Integer.highestOneBit(result.spec().iodepth()));
    for (String level : DEPTHS) {
      String own = depth == 64 ? ">=64" : Integer.toString(depth);
      depths.put(level, level.equals(own) ? 100.0 : 0.0);
    }
    node.set("dioring", own(result));
    return node;
  }

  private static ObjectNode options(JobSpec spec) {
    ObjectNode node = MAPPER.createObjectNode();
    new FioArguments(spec).named().forEach(node::put);
    node.put("ioengine", spec.engine().optionName());
    node.put("submit", spec.submit().optionName());
    return node;
  }

  private static ObjectNode transfers(JobSpec spec, JobResult job, Turn.Action action) {
    ObjectNode node = MAPPER.createObjectNode();
    boolean any = job.operations(action) > 0;
    long bytes = job.recorder().bytes(action);
    long rate = (long) job.bytesPerSecond(action);
    node.put("io_bytes", bytes);
    node.put("io_kbytes", bytes >> 10);
    node.put("bw_bytes", rate);
    node.put("bw", rate >> 10);
    node.put("iops", job.iops(action));
    node.put("runtime", any ? job.runtimeNanos() / 1_000_000 : 0);
    node.put("total_ios", job.operations(action));
    node.put("short_ios", job.recorder().shortOperations(action));
    node.put("drop_ios", 0);
    Recorder.Latencies latencies = job.recorder().latencies(action);
    node.set("slat_ns", latency(latencies == null ? null : latencies.submission));
    ObjectNode completion = latency(latencies == null ? null : latencies.completion);
    if (latencies != null && any) {
      completion.set("percentile", percentiles(latencies.completion));
    }
    node.set("clat_ns", completion);
    node.set("lat_ns", latency(latencies == null ? null : latencies.total));
    samples(node, any ? job.samples(action) : new Samples(), spec.bs() / 1024.0);
    return node;
  }

  private static void samples(ObjectNode node, Samples samples, double kibibytes) {
    node.put("bw_min", (long) (samples.min() * kibibytes));
    node.put("bw_max", (long) (samples.max() * kibibytes));
    node.put("bw_agg", samples.count() > 0 ? 100.0 : 0.0);
    node.put("bw_mean", samples.mean() * kibibytes);
    node.put("bw_dev", samples.deviation() * kibibytes);
    node.put("bw_samples", samples.count());
    node.put("iops_min", (long) samples.min());
    node.put("iops_max", (long) samples.max());
    node.put("iops_mean", samples.mean());
    node.put("iops_stddev", samples.deviation());
    node.put("iops_samples", samples.count());
  }

  private static ObjectNode latency(@Nullable Histogram histogram) {
    ObjectNode node = MAPPER.createObjectNode();
    Histogram shown = histogram == null || histogram.getTotalCount() == 0 ? null : histogram;
    node.put("min", shown == null ? 0 : shown.getMinValue());
    node.put("max", shown == null ? 0 : shown.getMaxValue());
    node.put("mean", shown == null ? 0.0 : shown.getMean());
    node.put("stddev", shown == null ? 0.0 : shown.getStdDeviation());
    node.put("N", shown == null ? 0 : shown.getTotalCount());
    return node;
  }

  private static ObjectNode percentiles(Histogram histogram) {
    ObjectNode list = MAPPER.createObjectNode();
    for (double percentile : Percentiles.LISTED) {
      String key = String.format(Locale.ROOT, "%.6f", percentile);
      list.put(key, histogram.getValueAtPercentile(percentile));
    }
    return list;
  }

  private static void usage(RunResult result, JobResult job, ObjectNode node) {
    ProcessUsage usage = result.usage();
    double runMillis = Math.max(1, job.runtimeNanos() / 1e6);
    double share = (double) job.jobs() / result.spec().numjobs();
    node.put("job_runtime", (long) runMillis);
    node.put("usr_cpu", usage.userMillis() * 100 / runMillis * share);
    node.put("sys_cpu", usage.systemMillis() * 100 / runMillis * share);
    node.put("ctx", (long) (usage.contextSwitches() * share));
    node.put("majf", (long) (usage.majorFaults() * share));
    node.put("minf", (long) (usage.minorFaults() * share));
  }

  private static ObjectNode own(RunResult result) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("cpu_ns_per_io", result.cpuNanosPerOperation());
    node.put("alloc_bytes_per_io", result.allocatedBytesPerOperation());
    node.put("gc_count", result.usage().collections());
    node.put("backend", result.backend().backend());
    node.put("backend_reason", result.backend().reason());
    node.put("backend_features", result.backend().features());
    result.counters().forEach(node::put);
    return node;
  }
}
