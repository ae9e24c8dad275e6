package dev.dioring.bindings.fuse;

import dev.dioring.bindings.generated.libc.LibcH;

/** The ioctls on files and directories that FUSE hands on by the shape their number tells. */
public final class FileIoctl {
  public static final int GET_FLAGS = (int) LibcH.FS_IOC_GETFLAGS();
  public static final int SET_FLAGS = (int) LibcH.FS_IOC_SETFLAGS();
  public static final int GET_VERSION = (int) LibcH.FS_IOC_GETVERSION();

  public static final int GET_XFLAGS = (int) LibcH.FS_IOC_FSGETXATTR();
  public static final int SET_XFLAGS = (int) LibcH.FS_IOC_FSSETXATTR();

  /** With a {@link TrimRange}. */
  public static final int TRIM = (int) LibcH.FITRIM();

  /**
   * FS_IOC_SHUTDOWN. Its number says that it hands an int out, but it takes one: so FUSE hands on
   * nothing.
   */
  public static final int SHUT_DOWN = 0x8004587d;

  /** FS_IOC_GETFSLABEL and FS_IOC_SETFSLABEL, with {@link #LABEL_BYTES}. */
  public static final int GET_LABEL = 0x81009431;

  public static final int SET_LABEL = 0x41009432;

  /** Room for the label of a filesystem and a zero. */
  public static final int LABEL_BYTES = 256;

  private FileIoctl() {}
}
