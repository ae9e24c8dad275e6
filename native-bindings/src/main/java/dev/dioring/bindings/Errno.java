package dev.dioring.bindings;

import org.jspecify.annotations.Nullable;

/** Error numbers of Linux, the same on x86-64 and aarch64, with their names and descriptions. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int EPIPE = 32;
  public static final int EDOM = 33;
  public static final int ERANGE = 34;
  public static final int EDEADLK = 35;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int ETIME = 62;
  public static final int EPROTO = 71;
  public static final int EBADMSG = 74;
  public static final int EOVERFLOW = 75;
  public static final int EUCLEAN = 117;
  public static final int EBADFD = 77;
  public static final int EMEDIUMTYPE = 124;
  public static final int EOPNOTSUPP = 95;
  public static final int ENOBUFS = 105;
  public static final int ENOTCONN = 107;
  public static final int ESHUTDOWN = 108;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EALREADY = 114;
  public static final int EINPROGRESS = 115;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;
  public static final int ENOKEY = 126;
  public static final int ECANCELED = 125;

  private static final int HIGHEST = 133;
  private static final @Nullable String[] NAMES = new @Nullable String[HIGHEST + 1];
  private static final @Nullable String[] TEXTS = new @Nullable String[HIGHEST + 1];

  static {
    put(EPERM, "EPERM", "Operation not permitted");
    put(ENOENT, "ENOENT", "No such file or directory");
    put(EINTR, "EINTR", "Interrupted system call");
    put(EIO, "EIO", "Input/output error");
    put(ENXIO, "ENXIO", "No such device or address");
    put(E2BIG, "E2BIG", "Argument list too long");
    put(EBADF, "EBADF", "Bad file descriptor");
    put(EAGAIN, "EAGAIN", "Resource temporarily unavailable");
    put(ENOMEM, "ENOMEM", "Cannot allocate memory");
    put(EACCES, "EACCES", "Permission denied");
    put(EFAULT, "EFAULT", "Bad address");
    put(ENOTBLK, "ENOTBLK", "Block device required");
    put(EBUSY, "EBUSY", "Device or resource busy");
    put(EEXIST, "EEXIST", "File exists");
    put(EXDEV, "EXDEV", "Invalid cross-device link");
    put(ENODEV, "ENODEV", "No such device");
    put(ENOTDIR, "ENOTDIR", "Not a directory");
    put(EISDIR, "EISDIR", "Is a directory");
    put(EINVAL, "EINVAL", "Invalid argument");
    put(ENFILE, "ENFILE", "Too many open files in system");
    put(EMFILE, "EMFILE", "Too many open files");
    put(ENOTTY, "ENOTTY", "Inappropriate ioctl for device");
    put(ETXTBSY, "ETXTBSY", "Text file busy");
    put(EFBIG, "EFBIG", "File too large");
    put(ENOSPC, "ENOSPC", "No space left on device");
    put(ESPIPE, "ESPIPE", "Illegal seek");
    put(EROFS, "EROFS", "Read-only file system");
    put(EMLINK, "EMLINK", "Too many links");
    put(EPIPE, "EPIPE", "Broken pipe");
    put(EDOM, "EDOM", "Numerical argument out of domain");
    put(ERANGE, "ERANGE", "Numerical result out of range");
    put(EDEADLK, "EDEADLK", "Resource deadlock avoided");
    put(ENAMETOOLONG, "ENAMETOOLONG", "File name too long");
    put(ENOSYS, "ENOSYS", "Function not implemented");
    put(ENOTEMPTY, "ENOTEMPTY", "Directory not empty");
    put(ELOOP, "ELOOP", "Too many levels of symbolic links");
    put(ENODATA, "ENODATA", "No data available");
    put(ETIME, "ETIME", "Timer expired");
    put(EPROTO, "EPROTO", "Protocol error");
    put(EBADMSG, "EBADMSG", "Bad message");
    put(EOVERFLOW, "EOVERFLOW", "Value too large for defined data type");
    put(EUCLEAN, "EUCLEAN", "Structure needs cleaning");
    put(EBADFD, "EBADFD", "File descriptor in bad state");
    put(EMEDIUMTYPE, "EMEDIUMTYPE", "Wrong medium type");
    put(EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported");
    put(ENOBUFS, "ENOBUFS", "No buffer space available");
    put(ENOTCONN, "ENOTCONN", "Transport endpoint is not connected");
    put(ESHUTDOWN, "ESHUTDOWN", "Cannot send after transport endpoint shutdown");
    put(ETIMEDOUT, "ETIMEDOUT", "Connection timed out");
    put(ECONNREFUSED, "ECONNREFUSED", "Connection refused");
    put(EALREADY, "EALREADY", "Operation already in progress");
    put(EINPROGRESS, "EINPROGRESS", "Operation now in progress");
    put(ESTALE, "ESTALE", "Stale file handle");
    put(EDQUOT, "EDQUOT", "Disk quota exceeded");
    put(ENOKEY, "ENOKEY", "Required key not available");
    put(ECANCELED, "ECANCELED", "Operation canceled");
  }

  private Errno() {}

  /** The symbolic name, such as "EIO". Takes {@code errno} or {@code -errno}. */
  public static String name(int errno) {
    int e = Math.abs(errno);
    String name = e <= HIGHEST ? NAMES[e] : null;
    return name != null ? name : "errno " + e;
  }

  /**
   * Name and meaning, such as "EIO (Input/output error)". Takes {@code errno} or {@code -errno}.
   */
  public static String describe(int errno) {
    int e = Math.abs(errno);
    String text = e <= HIGHEST ? TEXTS[e] : null;
    return text != null ? name(e) + " (" + text + ")" : name(e);
  }

  private static void put(int errno, String name, String text) {
    NAMES[errno] = name;
    TEXTS[errno] = text;
  }
}
