package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.io.IOException;

/**
 * A block I/O, or the opening of a device, that failed. The message names the operation, what it
 * was on, where, the errno, and what helps.
 */
public final class BlockIoException extends IOException {
  /** Value of {@link #byteOffset} and {@link #lengthBytes} for an operation without a range. */
  public static final long NO_RANGE = -1;

  private static final long serialVersionUID = 1L;

  private final String operation;
  private final String path;
  private final long byteOffset;
  private final long lengthBytes;
  private final int errno;

  /**
   * The failure of an operation on a whole file or device.
   *
   * @param operation such as "opening"
   * @param path of the file or device
   * @param errno positive or negative
   * @param advice a clause that explains or helps, or empty
   */
  public BlockIoException(String operation, String path, int errno, String advice) {
    this(operation + " " + path, operation, path, NO_RANGE, NO_RANGE, errno, advice);
  }

  /**
   * The failure of an operation on a range of bytes.
   *
   * @param operation such as "read"
   * @param path of the file or device
   * @param errno positive or negative
   * @param advice a clause that explains or helps, or empty
   */
  public BlockIoException(
      String operation, String path, long byteOffset, long lengthBytes, int errno, String advice) {
    this(
        operation + " of " + lengthBytes + " bytes at " + byteOffset + " of " + path,
        operation,
        path,
        byteOffset,
        lengthBytes,
        errno,
        advice);
  }

  private BlockIoException(
      String what,
      String operation,
      String path,
      long byteOffset,
      long lengthBytes,
      int errno,
      String advice) {
    super(what + ": " + Errno.describe(errno) + (advice.isEmpty() ? "" : "; " + advice));
    this.operation = operation;
    this.path = path;
    this.byteOffset = byteOffset;
    this.lengthBytes = lengthBytes;
    this.errno = Math.abs(errno);
  }

  /** What failed, such as "opening", "read" or "flushing". */
  public String operation() {
    return operation;
  }

  /** The file or device. */
  public String path() {
    return path;
  }

  /** Where the range starts, or {@link #NO_RANGE}; a request's offset may itself be wrong. */
  public long byteOffset() {
    return byteOffset;
  }

  /** How long the range is, or {@link #NO_RANGE}. */
  public long lengthBytes() {
    return lengthBytes;
  }

  /** The errno, positive. */
  public int errno() {
    return errno;
  }
}
