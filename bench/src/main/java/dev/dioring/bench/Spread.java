package dev.dioring.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Median, least and greatest of a figure over rounds. */
record Spread(double median, double min, double max) {
  static Spread of(List<Measure> measures, ToDoubleFunction<Measure> figure) {
    double[] sorted = measures.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  static Spread iops(List<Measure> measures) {
    return of(measures, Measure::iops);
  }

  static Spread cpu(List<Measure> measures) {
    return of(measures, Measure::cpuNanos);
  }
}
