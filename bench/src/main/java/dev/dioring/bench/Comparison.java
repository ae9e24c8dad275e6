package dev.dioring.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Runs contenders in turn, round after round, and sets their medians against each other. */
final class Comparison {
  private final Map<String, List<Measure>> measures;

  private Comparison(Map<String, List<Measure>> measures) {
    this.measures = measures;
  }

  static Comparison run(List<Contender> contenders, int rounds, Consumer<String> log)
      throws BenchException {
    Map<String, List<Measure>> measures = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : contenders) {
        Measure measure = contender.run();
        measures.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(measure);
        log.accept(
            String.format(
                Locale.ROOT,
                "round %d of %d: %s: %.0f IOPS, %.0f ns CPU per I/O",
                round + 1,
                rounds,
                contender.name(),
                measure.iops(),
                measure.cpuNanos()));
      }
    }
    return new Comparison(measures);
  }

  List<Measure> measures(String name) {
    return measures.getOrDefault(name, List.of());
  }

  /** The name with the greatest median of IOPS among those that start with a prefix. */
  String best(String prefix) {
    String best = "";
    double most = -1;
    for (Map.Entry<String, List<Measure>> entry : measures.entrySet()) {
      double iops = Spread.iops(entry.getValue()).median();
      if (entry.getKey().startsWith(prefix) && iops > most) {
        best = entry.getKey();
        most = iops;
      }
    }
    return best;
  }

  /** A table of all contenders, and the ratios of the first to the best whose name starts so. */
  String text(String against) {
    StringBuilder text = new StringBuilder();
    String format = "%-26s %12s %21s %10s %10s %10s %8s%n";
    text.append(
        String.format(
            Locale.ROOT,
            format,
            "medians",
            "IOPS",
            "(spread)",
            "CPU ns/IO",
            "p50 us",
            "p99 us",
            "B/IO"));
    for (Map.Entry<String, List<Measure>> entry : measures.entrySet()) {
      List<Measure> runs = entry.getValue();
      Spread iops = Spread.iops(runs);
      text.append(
          String.format(
              Locale.ROOT,
              format,
              entry.getKey(),
              number(iops.median(), 0),
              "(" + number(iops.min(), 0) + "-" + number(iops.max(), 0) + ")",
              number(Spread.cpu(runs).median(), 0),
              number(Spread.of(runs, Measure::medianNanos).median() / 1e3, 1),
              number(Spread.of(runs, Measure::p99Nanos).median() / 1e3, 1),
              number(Spread.of(runs, Measure::allocatedBytes).median(), 1)));
    }
    String own = measures.keySet().iterator().next();
    String other = best(against);
    text.append(
        String.format(
            Locale.ROOT,
            "ratio %s / %s: IOPS %.3f, CPU per I/O %.3f, p50 %.3f, p99 %.3f%n",
            own,
            other,
            ratio(own, other, Figure.IOPS),
            ratio(own, other, Figure.CPU),
            ratio(own, other, Figure.MEDIAN),
            ratio(own, other, Figure.P99)));
    return text.toString();
  }

  /** A figure of which ratios are formed. */
  enum Figure {
    IOPS,
    CPU,
    MEDIAN,
    P99;

    double of(Measure measure) {
      return switch (this) {
        case IOPS -> measure.iops();
        case CPU -> measure.cpuNanos();
        case MEDIAN -> measure.medianNanos();
        case P99 -> measure.p99Nanos();
      };
    }
  }

  /** Ratio of two contenders' medians. */
  double ratio(String own, String other, Figure figure) {
    return Spread.of(measures(own), figure::of).median()
        / Spread.of(measures(other), figure::of).median();
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
