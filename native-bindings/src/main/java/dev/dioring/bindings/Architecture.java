package dev.dioring.bindings;

import java.util.Locale;

/**
 * Constants whose value depends on the processor. The generated constants are those of x86-64;
 * nothing else may use the generated O_* that differ. aarch64 is written from its headers and has
 * not been tested.
 */
final class Architecture {
  static final int O_DIRECT;
  static final int O_DIRECTORY;
  static final int O_NOFOLLOW;
  static final int O_TMPFILE;

  static {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = System.getProperty("os.name", "");
    if (!system.equals("Linux")) {
      throw new UnsupportedOperationException("dioring runs on Linux, not on " + system);
    }
    switch (name) {
      case "amd64", "x86_64" -> {
        O_DIRECT = 0x4000;
        O_DIRECTORY = 0x1_0000;
        O_NOFOLLOW = 0x2_0000;
      }
      case "aarch64", "arm64" -> {
        O_DIRECT = 0x1_0000;
        O_DIRECTORY = 0x4000;
        O_NOFOLLOW = 0x8000;
      }
      default ->
          throw new UnsupportedOperationException(
              "dioring runs on x86-64 and aarch64 Linux, not on " + name);
    }
    O_TMPFILE = 0x40_0000 | O_DIRECTORY;
  }

  private Architecture() {}
}
