package dev.dioring.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs a specification's jobs together and measures them. Belongs to the thread that runs it. */
final class BenchRun {
  private static final long SAMPLE_NANOS = 500_000_000L;

  private final JobSpec spec;
  private final Progress progress;
  private final OpenImages images = new OpenImages();
  private final List<Target> targets = new ArrayList<>();
  private final List<Job> jobs = new ArrayList<>();
  private final List<Samples> readSamples = new ArrayList<>();
  private final List<Samples> writeSamples = new ArrayList<>();
  private long usedBytes;

  private BenchRun(JobSpec spec, Progress progress) {
    this.spec = spec;
    this.progress = progress;
  }

  /** Lays out the files, runs the jobs, and closes everything. */
  static RunResult run(JobSpec spec, Progress progress) throws BenchException {
    BenchRun run = new BenchRun(spec, progress);
    RunResult result;
    try {
      run.open();
      result = run.measure();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(BenchException.UNAVAILABLE, "interrupted", e);
    } finally {
      progress.clear();
      run.close();
    }
    if (spec.verify() && !spec.pattern().reads && !spec.timeBased() && !spec.norandommap()) {
      // Every block was written, so all of them must read back.
      RunResult unused = run(spec.readingBack(), progress);
    }
    return result;
  }

  private void open() throws BenchException {
    for (int i = 0; i < spec.numjobs(); i++) {
      Medium.layOut(spec, i);
    }
    for (int i = 0; i < spec.numjobs(); i++) {
      Target target = Medium.open(spec, i, images);
      targets.add(target);
      usedBytes = Medium.usedBytes(spec, target, i);
      jobs.add(new Job(spec, i, usedBytes));
      readSamples.add(new Samples());
      writeSamples.add(new Samples());
    }
  }

  private RunResult measure() throws BenchException, InterruptedException {
    System.gc();
    ProcessUsage before = ProcessUsage.now();
    long start = System.nanoTime();
    for (int i = 0; i < jobs.size(); i++) {
      targets.get(i).start(jobs.get(i));
    }
    if (spec.rampNanos() > 0) {
      await(start + spec.rampNanos(), false);
      before = ProcessUsage.now();
    }
    await(Long.MAX_VALUE, true);
    ProcessUsage usage = ProcessUsage.now().since(before);
    List<JobResult> results = new ArrayList<>();
    Map<String, Long> counters = new HashMap<>();
    for (int i = 0; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      @Nullable BenchException failure = job.failure();
      if (failure != null) {
        throw failure;
      }
      results.add(
          new JobResult(
              1, job.total(), job.measuredNanos(), readSamples.get(i), writeSamples.get(i)));
      targets.get(i).counters().forEach((name, value) -> counters.merge(name, value, Long::sum));
    }
    return new RunResult(spec, results, targets.get(0).backend(), usage, counters);
  }

  /** Waits for the end of all jobs, or a time; meanwhile samples the rates. */
  private void await(long untilNanos, boolean samples) throws InterruptedException {
    long start = System.nanoTime();
    long[] before = counts();
    long last = start;
    for (boolean ended = false; !ended; ) {
      long now = System.nanoTime();
      long wait =
          Math.min(SAMPLE_NANOS, untilNanos == Long.MAX_VALUE ? SAMPLE_NANOS : untilNanos - now);
      if (wait <= 0) {
        return;
      }
      ended = awaitAll(now + wait);
      now = System.nanoTime();
      long[] counts = counts();
      double seconds = (now - last) / 1e9;
      if (samples && (now - last >= SAMPLE_NANOS / 2 || readSamples.get(0).count() == 0)) {
        for (int i = 0; i < jobs.size(); i++) {
          readSamples.get(i).add((counts[2 * i] - before[2 * i]) / seconds);
          writeSamples.get(i).add((counts[2 * i + 1] - before[2 * i + 1]) / seconds);
        }
      }
      show(counts, before, seconds, now - start);
      before = counts;
      last = now;
    }
  }

  private boolean awaitAll(long untilNanos) throws InterruptedException {
    for (Job job : jobs) {
      if (!job.awaitEnd(Math.max(0, untilNanos - System.nanoTime()))) {
        return false;
      }
    }
    return true;
  }

  private long[] counts() {
    long[] counts = new long[2 * jobs.size()];
    for (int i = 0; i < jobs.size(); i++) {
      counts[2 * i] = jobs.get(i).operations(Turn.Action.READ);
      counts[2 * i + 1] = jobs.get(i).operations(Turn.Action.WRITE);
    }
    return counts;
  }

  private void show(long[] counts, long[] before, double seconds, long elapsedNanos) {
    double reads = 0;
    double writes = 0;
    double done = 0;
    for (int i = 0; i < counts.length; i += 2) {
      reads += (counts[i] - before[i]) / seconds;
      writes += (counts[i + 1] - before[i + 1]) / seconds;
      done += (double) (counts[i] + counts[i + 1]) * spec.bs() / usedBytes / jobs.size();
    }
    double share =
        spec.timeBased() ? (double) elapsedNanos / spec.runtimeNanos() : Math.max(done, 1e-6);
    long eta = (long) Math.max(0, elapsedNanos / 1e9 * (1 / share - 1));
    progress.update(
        jobs.size(), Math.min(1, share), new Progress.Rates(reads, writes, spec.bs()), eta);
  }

  private void close() throws BenchException {
    try {
      for (Target target : targets) {
        target.close();
      }
    } finally {
      images.close();
    }
  }
}
