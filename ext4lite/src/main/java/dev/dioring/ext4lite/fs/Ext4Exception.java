package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;

/** An operation on a volume that failed, with its errno and a message for users. */
public final class Ext4Exception extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * Makes an exception that says what failed, the errno's name, and why or what to do.
   *
   * @param what the operation and its object, such as "open /etc/motd in disk.img"
   * @param errno positive
   * @param detail the cause or advice, or empty
   */
  public Ext4Exception(String what, int errno, String detail) {
    super(what + ": " + Errno.describe(errno) + (detail.isEmpty() ? "" : "; " + detail));
    this.errno = errno;
  }

  /** Whether it failed because the volume was shut down, and for no other reason. */
  public boolean isAfterShutDown() {
    return getCause() instanceof VolumeShutDownException;
  }

  /** The errno, positive. */
  public int errno() {
    return errno;
  }
}
