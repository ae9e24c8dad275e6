package dev.dioring.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A run's report for people, in fio's terms. */
final class TextReport {
  private static final int PERCENTILES_A_LINE = 4;

  private final StringBuilder text = new StringBuilder();
  private final RunResult result;

  private TextReport(RunResult result) {
    this.result = result;
  }

  static String of(RunResult result) {
    TextReport report = new TextReport(result);
    report.head();
    List<JobResult> shown =
        result.spec().groupReporting() ? List.of(result.group()) : result.jobs();
    for (JobResult job : shown) {
      report.job(job);
    }
    report.usage();
    report.status();
    return report.text.toString();
  }

  private void head() {
    JobSpec spec = result.spec();
    line(
        "%s: rw=%s, bs=%s, ioengine=%s, submit=%s, iodepth=%d, direct=%d",
        spec.name(),
        spec.pattern().fioName(),
        Numbers.binary(spec.bs()),
        spec.engine().optionName(),
        spec.submit().optionName(),
        spec.iodepth(),
        spec.direct() ? 1 : 0);
    Target.Backend backend = result.backend();
    line("  backend: %s (%s) %s", backend.backend(), backend.reason(), backend.features());
  }

  private void job(JobResult job) {
    line("%n%s: (groupid=0, jobs=%d): err= 0", result.spec().name(), job.jobs());
    for (Turn.Action action : Turn.Action.values()) {
      Recorder.Latencies latencies = job.recorder().latencies(action);
      if (latencies != null && latencies.total.getTotalCount() > 0) {
        action(job, action, latencies);
      }
    }
  }

  private void action(JobResult job, Turn.Action action, Recorder.Latencies latencies) {
    String name = action.name().toLowerCase(Locale.ROOT);
    if (action == Turn.Action.SYNC) {
      line("  sync: total=%d", latencies.total.getTotalCount());
      latency("sync", latencies.total);
      return;
    }
    double bandwidth = job.bytesPerSecond(action);
    long bytes = job.recorder().bytes(action);
    line(
        "  %s: IOPS=%s, BW=%s (%s/s)(%s/%dmsec)",
        name,
        Numbers.thousands(job.iops(action)),
        Numbers.binaryRate(bandwidth),
        Numbers.decimal(bandwidth),
        Numbers.binary((double) bytes),
        job.runtimeNanos() / 1_000_000);
    if (latencies.submission != null) {
      latency("slat", latencies.submission);
    }
    latency("clat", latencies.completion);
    latency("lat", latencies.total);
    percentiles(latencies.completion);
    samples("bw (KiB/s)", job.samples(action), result.spec().bs() / 1024.0);
    samples("iops", job.samples(action), 1);
  }

  private void latency(String name, Histogram histogram) {
    double unit = unit(histogram.getMean());
    line(
        "    %4s (%s): min=%.1f, max=%.1f, avg=%.2f, stdev=%.2f",
        name,
        unitName(unit),
        (double) histogram.getMinValue() / unit,
        (double) histogram.getMaxValue() / unit,
        histogram.getMean() / unit,
        histogram.getStdDeviation() / unit);
  }

  private void percentiles(Histogram histogram) {
    double unit = unit(histogram.getMean());
    line("    clat percentiles (%s):", unitName(unit));
    List<String> row = new ArrayList<>();
    for (double percentile : Percentiles.LISTED) {
      double value = (double) histogram.getValueAtPercentile(percentile) / unit;
      row.add(String.format(Locale.ROOT, "%5.2fth=[%5.0f]", percentile, value));
      if (row.size() == PERCENTILES_A_LINE) {
        line("     | %s,", String.join(", ", row));
        row.clear();
      }
    }
    line("     | %s", String.join(", ", row));
  }

  private void samples(String name, Samples samples, double factor) {
    line(
        "   %-10s: min=%.0f, max=%.0f, avg=%.2f, stdev=%.2f, samples=%d",
        name,
        samples.min() * factor,
        samples.max() * factor,
        samples.mean() * factor,
        samples.deviation() * factor,
        samples.count());
  }

  private void usage() {
    ProcessUsage usage = result.usage();
    double runMillis = Math.max(1, result.group().runtimeNanos() / 1e6);
    line(
        "  cpu        : usr=%.2f%%, sys=%.2f%%, ctx=%d, majf=%d, minf=%d",
        usage.userMillis() * 100.0 / runMillis,
        usage.systemMillis() * 100.0 / runMillis,
        usage.contextSwitches(),
        usage.majorFaults(),
        usage.minorFaults());
    line(
        "  per I/O    : cpu=%.0fns, allocated=%.1fB, collections=%d",
        result.cpuNanosPerOperation(), result.allocatedBytesPerOperation(), usage.collections());
    result.counters().forEach((name, value) -> line("  %-11s: %d", name, value));
  }

  private void status() {
    JobResult group = result.group();
    line("%nRun status group 0 (all jobs):");
    for (Turn.Action action : List.of(Turn.Action.READ, Turn.Action.WRITE)) {
      if (group.operations(action) > 0) {
        line(
            "  %6s: bw=%s, io=%s, run=%dmsec",
            action,
            Numbers.binaryRate(group.bytesPerSecond(action)),
            Numbers.binary((double) group.recorder().bytes(action)),
            group.runtimeNanos() / 1_000_000);
      }
    }
  }

  private static double unit(double nanos) {
    return nanos < 10_000 ? 1 : nanos < 10_000_000 ? 1e3 : 1e6;
  }

  private static String unitName(double unit) {
    return unit == 1 ? "nsec" : unit == 1e3 ? "usec" : "msec";
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more dependency
  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
