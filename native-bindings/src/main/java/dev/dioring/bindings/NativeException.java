package dev.dioring.bindings;

/** A system call that failed where there is no data path to carry its errno. */
public final class NativeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  public NativeException(String operation, int errno) {
    super(operation + " failed: " + Errno.describe(errno));
    this.errno = Math.abs(errno);
  }

  /** The errno, positive. */
  public int errno() {
    return errno;
  }
}
