package dev.dioring.bench;

import java.util.Arrays;

/** Rates sampled every half second or so, as fio's bw and iops lines summarise them. */
final class Samples {
  private double[] values = new double[64];
  private int count;

  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = value;
  }

  /** Adds another job's samples to the ones taken at the same time. */
  void addEach(Samples other) {
    for (int i = 0; i < other.count; i++) {
      if (i < count) {
        values[i] += other.values[i];
      } else {
        add(other.values[i]);
      }
    }
  }

  int count() {
    return count;
  }

  double min() {
    return Arrays.stream(values, 0, count).min().orElse(0);
  }

  double max() {
    return Arrays.stream(values, 0, count).max().orElse(0);
  }

  double mean() {
    return Arrays.stream(values, 0, count).average().orElse(0);
  }

  double deviation() {
    double mean = mean();
    double squares =
        Arrays.stream(values, 0, count).map(value -> (value - mean) * (value - mean)).sum();
    return count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  }
}
