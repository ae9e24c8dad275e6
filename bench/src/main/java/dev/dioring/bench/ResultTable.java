package dev.dioring.bench;

import java.util.List;
import java.util.Locale;

/** The results of a suite, as Markdown. */
final class ResultTable {
  private final StringBuilder rows = new StringBuilder();
  private final StringBuilder commands = new StringBuilder();
  private final int rounds;

  ResultTable(int rounds) {
    this.rounds = rounds;
  }

  /**
   * Adds the comparison of a contender with another.
   *
   * @param target least ratio of rates
   */
  void add(String what, Comparison comparison, String own, String other, double target) {
    Spread ours = Spread.iops(comparison.measures(own));
    Spread theirs = Spread.iops(comparison.measures(other));
    double ratio = comparison.ratio(own, other, Comparison.Figure.IOPS);
    double cpu = comparison.ratio(own, other, Comparison.Figure.CPU);
    double allocated = Spread.of(comparison.measures(own), Measure::allocatedBytes).median();
    rows.append(
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %s | %s | %.3f | %.2f | %s | %.2f | %.1f |%n",
            what,
            own,
            spread(ours),
            other,
            spread(theirs),
            ratio,
            target,
            ratio >= target ? "yes" : "no",
            cpu,
            allocated));
  }

  /** Adds the command that repeats what was added last. */
  void command(String what, List<String> arguments) {
    commands.append(
        String.format(Locale.ROOT, "- %s: `bench/bench %s`%n", what, String.join(" ", arguments)));
  }

  /** Adds a sentence. */
  void note(String sentence) {
    commands.append("- ").append(sentence).append('\n');
  }

  String markdown() {
    return "Medians of "
        + rounds
        + " alternating rounds, least and greatest in brackets; rates are I/Os per second, or runs"
        + " per second where one run is one operation. JDK "
        + Runtime.version()
        + ", Linux "
        + System.getProperty("os.version")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors.\n\n"
        + "| measurement | ours | rate | other | rate | ratio | to reach | reached | CPU ratio"
        + " | B/op |\n|---|---|---|---|---|---|---|---|---|---|\n"
        + rows
        + "\n"
        + commands;
  }

  private static String spread(Spread spread) {
    String format = spread.median() < 1000 ? "%.2f (%.2f-%.2f)" : "%.0f (%.0f-%.0f)";
    return String.format(Locale.ROOT, format, spread.median(), spread.min(), spread.max());
  }
}
