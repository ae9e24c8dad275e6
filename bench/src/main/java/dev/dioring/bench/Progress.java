package dev.dioring.bench;

import java.io.PrintStream;
import java.util.Locale;

/** The line on a terminal that says how far a run is; shown on standard error, or not at all. */
final class Progress {
  private final PrintStream out;
  private final boolean shown;
  private int width;

  Progress(PrintStream out, boolean shown) {
    this.out = out;
    this.shown = shown;
  }

  /** Shows the line if standard error is a terminal ({@code auto}), always, or never. */
  static Progress of(String eta) throws BenchException {
    return switch (eta) {
      case "auto" -> new Progress(System.err, Terminal.isStandardError());
      case "always" -> new Progress(System.err, true);
      case "never" -> silent();
      default ->
          throw new BenchException(
              BenchException.USAGE, "--eta=" + eta + " is unknown; use auto, always or never");
    };
  }

  static Progress silent() {
    return new Progress(System.err, false);
  }

  void update(int jobs, double share, Rates rates, long etaSeconds) {
    if (!shown) {
      return;
    }
    String line =
        String.format(
            Locale.ROOT,
            "Jobs: %d: [%.1f%%][%s][%s][eta %02dm:%02ds]",
            jobs,
            share * 100,
            rates.bandwidth(),
            rates.iops(),
            etaSeconds / 60,
            etaSeconds % 60);
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    out.flush();
    width = line.length();
  }

  void clear() {
    if (shown && width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }

  /** Rates of the last moment. */
  record Rates(double readIops, double writeIops, long bs) {
    String bandwidth() {
      return String.format(
          Locale.ROOT,
          "r=%s,w=%s",
          Numbers.binaryRate(readIops * bs),
          Numbers.binaryRate(writeIops * bs));
    }

    String iops() {
      return String.format(
          Locale.ROOT, "r=%s,w=%s IOPS", Numbers.thousands(readIops), Numbers.thousands(writeIops));
    }
  }
}
