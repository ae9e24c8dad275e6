package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.io.IOException;

/** A block I/O or the opening of a device that failed, with its errno. */
public final class BlockIoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * Makes an exception for users: what failed, the errno's name, and what to do.
   *
   * @param what the operation and its object, such as "read of 4096 bytes at 8192 of disk.img"
   * @param errno positive or negative
   * @param advice a clause that explains or helps, or empty
   */
  public BlockIoException(String what, int errno, String advice) {
    super(what + ": " + Errno.describe(errno) + (advice.isEmpty() ? "" : "; " + advice));
    this.errno = Math.abs(errno);
  }

  /** The errno, positive. */
  public int errno() {
    return errno;
  }
}
