package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import java.io.IOException;

/** A mount that cannot be made or ended, with its errno and a line for users. */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  MountException(String what, int errno, String advice) {
    super(what + ": " + Errno.describe(errno) + (advice.isEmpty() ? "" : "; " + advice));
    this.errno = Math.abs(errno);
  }

  /** The errno, positive. */
  public int errno() {
    return errno;
  }
}
