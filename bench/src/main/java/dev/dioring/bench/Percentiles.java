package dev.dioring.bench;

import java.util.List;

/** The percentiles that fio lists. */
final class Percentiles {
  static final List<Double> LISTED =
      List.of(
          1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 99.0, 99.5, 99.9,
          99.95, 99.99);

  private Percentiles() {}
}
