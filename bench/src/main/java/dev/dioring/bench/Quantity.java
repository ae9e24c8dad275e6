package dev.dioring.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and durations as fio reads them. */
final class Quantity {
  private static final Pattern NUMBER = Pattern.compile("(\\d+)\\s*([a-zA-Z]*)");

  private Quantity() {}

  /**
   * Reads a number of bytes. As in fio, whose kb_base is 1024 unless set, {@code k}, {@code kb} and
   * {@code ki} mean 1024, but {@code kib} means 1000; and so on to {@code p}.
   */
  static long bytes(String option, String text) throws BenchException {
    Matcher number = match(option, text);
    String unit = number.group(2).toLowerCase(Locale.ROOT);
    int power =
        switch (unit) {
          case "", "b" -> 0;
          case "k", "kb", "ki", "kib" -> 1;
          case "m", "mb", "mi", "mib" -> 2;
          case "g", "gb", "gi", "gib" -> 3;
          case "t", "tb", "ti", "tib" -> 4;
          case "p", "pb", "pi", "pib" -> 5;
          default -> throw invalid(option, text, "a number of bytes such as 4096, 4k, 64m or 1g");
        };
    long base = unit.endsWith("ib") ? 1000 : 1024;
    long factor = 1;
    for (int i = 0; i < power; i++) {
      factor *= base;
    }
    return scaled(option, text, number.group(1), factor);
  }

  /** Reads a duration; a bare number is seconds. @return nanoseconds */
  static long nanos(String option, String text) throws BenchException {
    Matcher number = match(option, text);
    long factor =
        switch (number.group(2).toLowerCase(Locale.ROOT)) {
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "", "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          case "d" -> 86_400_000_000_000L;
          default -> throw invalid(option, text, "a duration such as 10, 10s, 500ms or 2m");
        };
    return scaled(option, text, number.group(1), factor);
  }

  private static Matcher match(String option, String text) throws BenchException {
    Matcher number = NUMBER.matcher(text.strip());
    if (!number.matches()) {
      throw invalid(option, text, "a number with an optional unit");
    }
    return number;
  }

  private static long scaled(String option, String text, String digits, long factor)
      throws BenchException {
    try {
      return Math.multiplyExact(Long.parseLong(digits), factor);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new BenchException(
          BenchException.USAGE, option + "=" + text + " is too large for 64 bits", e);
    }
  }

  private static BenchException invalid(String option, String text, String expected) {
    return new BenchException(BenchException.USAGE, option + "=" + text + " is not " + expected);
  }
}
