package dev.dioring.bench;

import java.util.Locale;

/** Which operations a job does, and in which order: fio's {@code rw}. */
enum IoPattern {
  READ(true, false, false),
  WRITE(false, true, false),
  RW(true, true, false),
  RANDREAD(true, false, true),
  RANDWRITE(false, true, true),
  RANDRW(true, true, true);

  final boolean reads;
  final boolean writes;
  final boolean random;

  IoPattern(boolean reads, boolean writes, boolean random) {
    this.reads = reads;
    this.writes = writes;
    this.random = random;
  }

  boolean mixed() {
    return reads && writes;
  }

  /** The name that fio gives it. */
  String fioName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static IoPattern parse(String text) throws BenchException {
    return switch (text) {
      case "read" -> READ;
      case "write" -> WRITE;
      case "rw", "readwrite" -> RW;
      case "randread" -> RANDREAD;
      case "randwrite" -> RANDWRITE;
      case "randrw" -> RANDRW;
      default ->
          throw new BenchException(
              BenchException.USAGE,
              "--rw=" + text + " is unknown; use read, write, rw, randread, randwrite or randrw");
    };
  }
}
