package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class StatisticsTest {
  @Test
  void percentilesAreWithinOnePercent() throws BenchException {
    JobOptions options = new JobOptions();
    new CommandLine(options).parseArgs("--rw=read");
    Recorder recorder = new Recorder(options.spec(), true);
    Recorder.Latencies latencies = recorder.latencies(Turn.Action.READ);
    assertNotNull(latencies);
    for (int micros = 1; micros <= 10_000; micros++) {
      latencies.record(0, 500, micros * 1000L);
    }
    assertEquals(10_000, latencies.total.getTotalCount());
    for (double percentile : Percentiles.LISTED) {
      double expected = percentile * 100_000;
      assertEquals(
          expected, (double) latencies.total.getValueAtPercentile(percentile), expected * 0.01);
    }
    assertEquals(500, latencies.submission == null ? 0 : latencies.submission.getMean(), 5);
  }

  @Test
  void spreadHasTheMedian() {
    assertEquals(new Spread(3, 1, 9), Spread.iops(measures(9, 1, 3)));
    assertEquals(new Spread(2.5, 1, 9), Spread.iops(measures(9, 1, 3, 2)));
  }

  @Test
  void samplesOfJobsAddUp() {
    Samples one = new Samples();
    Samples two = new Samples();
    DoubleStream.of(1, 2, 3).forEach(one::add);
    DoubleStream.of(10, 20, 30, 40).forEach(two::add);
    one.addEach(two);
    assertEquals(4, one.count());
    assertEquals(11, one.min());
    assertEquals(40, one.max());
    assertEquals(26.5, one.mean());
  }

  private static List<Measure> measures(double... iops) {
    return DoubleStream.of(iops).mapToObj(value -> new Measure(value, 0, 0, 0, 0)).toList();
  }
}
