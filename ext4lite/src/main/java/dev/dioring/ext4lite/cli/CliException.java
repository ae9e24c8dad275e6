package dev.dioring.ext4lite.cli;

/** A command cannot go on, for a reason that is no failure of the volume. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  CliException(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  int exitStatus() {
    return exitStatus;
  }
}
