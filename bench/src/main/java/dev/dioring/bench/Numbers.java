package dev.dioring.bench;

import java.util.Locale;

/** Numbers as fio prints them. */
final class Numbers {
  private Numbers() {}

  /** Such as 950, 58.0k or 1.2M. */
  static String thousands(double value) {
    if (value < 1000) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    if (value < 1e6) {
      return String.format(Locale.ROOT, value < 1e5 ? "%.1fk" : "%.0fk", value / 1e3);
    }
    return String.format(Locale.ROOT, "%.2fM", value / 1e6);
  }

  /** Such as 512KiB/s or 226MiB/s. */
  static String binaryRate(double bytesPerSecond) {
    return binary(bytesPerSecond) + "/s";
  }

  /** Such as 453MiB. */
  static String binary(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    return scaled(bytes, 1024, units);
  }

  /** Such as 475MB. */
  static String decimal(double bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    return scaled(bytes, 1000, units);
  }

  private static String scaled(double bytes, double base, String[] units) {
    double value = bytes;
    int unit = 0;
    while (value >= base && unit < units.length - 1) {
      value /= base;
      unit++;
    }
    return String.format(
        Locale.ROOT, value < 10 && unit > 0 ? "%.2f%s" : "%.0f%s", value, units[unit]);
  }
}
