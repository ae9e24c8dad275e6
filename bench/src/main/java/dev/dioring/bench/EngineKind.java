package dev.dioring.bench;

import java.util.Locale;

/** Through what a job reaches its medium: {@code ioengine}. */
enum EngineKind {
  /** The engine's io_uring backend. */
  URING,
  /** The engine's backend of blocking system calls on threads. */
  SYNC,
  /** The JDK's FileChannel, one thread for each of the depth. */
  FILECHANNEL,
  /** A file in an ext4 image, through ext4lite. */
  EXT4;

  String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static EngineKind parse(String text) throws BenchException {
    return switch (text) {
      case "uring", "io_uring" -> URING;
      case "sync" -> SYNC;
      case "filechannel" -> FILECHANNEL;
      case "ext4" -> EXT4;
      default ->
          throw new BenchException(
              BenchException.USAGE,
              "--ioengine=" + text + " is unknown; use uring, sync, filechannel or ext4");
    };
  }
}
