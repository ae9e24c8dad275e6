package dev.dioring.bench;

/** A benchmark that cannot run, with one sentence for the user and an exit code of sysexits. */
final class BenchException extends Exception {
  private static final long serialVersionUID = 1L;

  static final int USAGE = 64;
  static final int DATA_ERROR = 65;
  static final int NO_INPUT = 66;
  static final int UNAVAILABLE = 69;
  static final int CANNOT_CREATE = 73;
  static final int IO_ERROR = 74;
  static final int NO_PERMISSION = 77;

  private final int exitCode;

  BenchException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  BenchException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
