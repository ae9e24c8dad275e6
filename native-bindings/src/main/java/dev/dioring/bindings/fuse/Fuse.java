package dev.dioring.bindings.fuse;

import dev.dioring.bindings.generated.fuse.FuseH;

/** Numbers of the FUSE protocol, named as in linux/fuse.h without the leading FUSE. */
public final class Fuse {
  /** Bits of INIT, those of the second word above the first 32. */
  public static final long INIT_ASYNC_READ = Integer.toUnsignedLong(FuseH.FUSE_ASYNC_READ());

  public static final long INIT_ATOMIC_O_TRUNC =
      Integer.toUnsignedLong(FuseH.FUSE_ATOMIC_O_TRUNC());

  public static final long INIT_EXPORT_SUPPORT =
      Integer.toUnsignedLong(FuseH.FUSE_EXPORT_SUPPORT());

  public static final long INIT_BIG_WRITES = Integer.toUnsignedLong(FuseH.FUSE_BIG_WRITES());

  public static final long INIT_DONT_MASK = Integer.toUnsignedLong(FuseH.FUSE_DONT_MASK());

  public static final long INIT_SPLICE_READ = Integer.toUnsignedLong(FuseH.FUSE_SPLICE_READ());

  public static final long INIT_AUTO_INVAL_DATA =
      Integer.toUnsignedLong(FuseH.FUSE_AUTO_INVAL_DATA());

  public static final long INIT_DO_READDIRPLUS =
      Integer.toUnsignedLong(FuseH.FUSE_DO_READDIRPLUS());

  public static final long INIT_READDIRPLUS_AUTO =
      Integer.toUnsignedLong(FuseH.FUSE_READDIRPLUS_AUTO());

  public static final long INIT_ASYNC_DIO = Integer.toUnsignedLong(FuseH.FUSE_ASYNC_DIO());

  public static final long INIT_WRITEBACK_CACHE =
      Integer.toUnsignedLong(FuseH.FUSE_WRITEBACK_CACHE());

  public static final long INIT_NO_OPEN_SUPPORT =
      Integer.toUnsignedLong(FuseH.FUSE_NO_OPEN_SUPPORT());

  public static final long INIT_PARALLEL_DIROPS =
      Integer.toUnsignedLong(FuseH.FUSE_PARALLEL_DIROPS());

  public static final long INIT_HANDLE_KILLPRIV =
      Integer.toUnsignedLong(FuseH.FUSE_HANDLE_KILLPRIV());

  public static final long INIT_POSIX_ACL = Integer.toUnsignedLong(FuseH.FUSE_POSIX_ACL());

  public static final long INIT_ABORT_ERROR = Integer.toUnsignedLong(FuseH.FUSE_ABORT_ERROR());

  public static final long INIT_MAX_PAGES = Integer.toUnsignedLong(FuseH.FUSE_MAX_PAGES());

  public static final long INIT_CACHE_SYMLINKS =
      Integer.toUnsignedLong(FuseH.FUSE_CACHE_SYMLINKS());

  public static final long INIT_NO_OPENDIR_SUPPORT =
      Integer.toUnsignedLong(FuseH.FUSE_NO_OPENDIR_SUPPORT());

  public static final long INIT_EXPLICIT_INVAL_DATA =
      Integer.toUnsignedLong(FuseH.FUSE_EXPLICIT_INVAL_DATA());

  public static final long INIT_HANDLE_KILLPRIV_V2 =
      Integer.toUnsignedLong(FuseH.FUSE_HANDLE_KILLPRIV_V2());

  public static final long INIT_SETXATTR_EXT = Integer.toUnsignedLong(FuseH.FUSE_SETXATTR_EXT());

  public static final long INIT_EXT = Integer.toUnsignedLong(FuseH.FUSE_INIT_EXT());

  public static final long INIT_CREATE_SUPP_GROUP = FuseH.FUSE_CREATE_SUPP_GROUP();

  public static final long INIT_DIRECT_IO_ALLOW_MMAP = FuseH.FUSE_DIRECT_IO_ALLOW_MMAP();

  public static final long INIT_NO_EXPORT_SUPPORT = FuseH.FUSE_NO_EXPORT_SUPPORT();

  public static final long INIT_HAS_RESEND = FuseH.FUSE_HAS_RESEND();

  public static final long INIT_ALLOW_IDMAP = FuseH.FUSE_ALLOW_IDMAP();

  public static final long INIT_OVER_IO_URING = FuseH.FUSE_OVER_IO_URING();

  public static final long INIT_HAS_EXPIRE_ONLY = FuseH.FUSE_HAS_EXPIRE_ONLY();

  public static final int FOPEN_DIRECT_IO = FuseH.FOPEN_DIRECT_IO();
  public static final int FOPEN_KEEP_CACHE = FuseH.FOPEN_KEEP_CACHE();
  public static final int FOPEN_NONSEEKABLE = FuseH.FOPEN_NONSEEKABLE();
  public static final int FOPEN_CACHE_DIR = FuseH.FOPEN_CACHE_DIR();
  public static final int FOPEN_STREAM = FuseH.FOPEN_STREAM();
  public static final int FOPEN_NOFLUSH = FuseH.FOPEN_NOFLUSH();
  public static final int FOPEN_PARALLEL_DIRECT_WRITES = FuseH.FOPEN_PARALLEL_DIRECT_WRITES();
  public static final int FATTR_MODE = FuseH.FATTR_MODE();
  public static final int FATTR_UID = FuseH.FATTR_UID();
  public static final int FATTR_GID = FuseH.FATTR_GID();
  public static final int FATTR_SIZE = FuseH.FATTR_SIZE();
  public static final int FATTR_ATIME = FuseH.FATTR_ATIME();
  public static final int FATTR_MTIME = FuseH.FATTR_MTIME();
  public static final int FATTR_FH = FuseH.FATTR_FH();
  public static final int FATTR_ATIME_NOW = FuseH.FATTR_ATIME_NOW();
  public static final int FATTR_MTIME_NOW = FuseH.FATTR_MTIME_NOW();
  public static final int FATTR_LOCKOWNER = FuseH.FATTR_LOCKOWNER();
  public static final int FATTR_CTIME = FuseH.FATTR_CTIME();
  public static final int FATTR_KILL_SUIDGID = FuseH.FATTR_KILL_SUIDGID();
  public static final int WRITE_CACHE = FuseH.FUSE_WRITE_CACHE();
  public static final int WRITE_LOCKOWNER = FuseH.FUSE_WRITE_LOCKOWNER();
  public static final int WRITE_KILL_SUIDGID = FuseH.FUSE_WRITE_KILL_SUIDGID();
  public static final int OPEN_KILL_SUIDGID = FuseH.FUSE_OPEN_KILL_SUIDGID();
  public static final int FSYNC_FDATASYNC = FuseH.FUSE_FSYNC_FDATASYNC();
  public static final int SETXATTR_ACL_KILL_SGID = FuseH.FUSE_SETXATTR_ACL_KILL_SGID();
  public static final int IOCTL_COMPAT = FuseH.FUSE_IOCTL_COMPAT();
  public static final int IOCTL_DIR = FuseH.FUSE_IOCTL_DIR();
  public static final int GETATTR_FH = FuseH.FUSE_GETATTR_FH();
  public static final int KERNEL_VERSION = FuseH.FUSE_KERNEL_VERSION();
  public static final int KERNEL_MINOR_VERSION = FuseH.FUSE_KERNEL_MINOR_VERSION();
  public static final int ROOT_ID = FuseH.FUSE_ROOT_ID();
  public static final int EXT_GROUPS = FuseH.FUSE_EXT_GROUPS();

  private Fuse() {}
}
