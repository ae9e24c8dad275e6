package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;

/** Exit codes of the command line, numbered as in BSD's sysexits.h. */
final class ExitStatus {
  static final int OK = 0;

  /** The command line itself is wrong. */
  static final int USAGE = 64;

  /** The image or its content is not what it should be: not ext4, corrupt, truncated. */
  static final int DATA = 65;

  /** An input, an image or a path in it, does not exist or cannot be read as one. */
  static final int NO_INPUT = 66;

  /** Something needed is missing or not supported: a feature, a program. */
  static final int UNAVAILABLE = 69;

  /** A defect of this program. */
  static final int SOFTWARE = 70;

  /** An output cannot be made. */
  static final int CANT_CREATE = 73;

  /** An I/O error. */
  static final int IO = 74;

  /** It may work later: the image is in use. */
  static final int TEMP_FAIL = 75;

  /** Not permitted. */
  static final int NO_PERMISSION = 77;

  private ExitStatus() {}

  /** The exit code for a failure with this errno. */
  static int of(int errno) {
    return switch (errno) {
      case Errno.ENOENT,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.ELOOP,
          Errno.ENXIO,
          Errno.ENODEV,
          Errno.ENOTBLK,
          Errno.ENODATA ->
          NO_INPUT;
      case Errno.EUCLEAN, Errno.EBADMSG, Errno.EMEDIUMTYPE -> DATA;
      case Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENOKEY -> NO_PERMISSION;
      case Errno.EBUSY, Errno.EAGAIN -> TEMP_FAIL;
      case Errno.EOPNOTSUPP, Errno.ENOSYS -> UNAVAILABLE;
      case Errno.ENOSPC, Errno.EFBIG, Errno.EEXIST -> CANT_CREATE;
      case Errno.EINVAL, Errno.ENAMETOOLONG -> USAGE;
      default -> IO;
    };
  }
}
