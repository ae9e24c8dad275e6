package dev.dioring.bindings.fuse;

import dev.dioring.bindings.generated.libc.LibcH;

/** The ioctls on files and directories that FUSE hands on without being told their shape. */
public final class FileIoctl {
  public static final int GET_FLAGS = (int) LibcH.FS_IOC_GETFLAGS();
  public static final int SET_FLAGS = (int) LibcH.FS_IOC_SETFLAGS();
  public static final int GET_VERSION = (int) LibcH.FS_IOC_GETVERSION();

  public static final int GET_XFLAGS = (int) LibcH.FS_IOC_FSGETXATTR();
  public static final int SET_XFLAGS = (int) LibcH.FS_IOC_FSSETXATTR();

  /** With a {@link TrimRange}. */
  public static final int TRIM = (int) LibcH.FITRIM();

  private FileIoctl() {}
}
