package dev.dioring.bindings.fuse;

import dev.dioring.bindings.generated.fuse.FuseH;
import org.jspecify.annotations.Nullable;

/** The requests of the FUSE protocol that are served here, with their opcodes. */
public enum FuseOpcode {
  LOOKUP(FuseH.FUSE_LOOKUP()),
  FORGET(FuseH.FUSE_FORGET()),
  GETATTR(FuseH.FUSE_GETATTR()),
  SETATTR(FuseH.FUSE_SETATTR()),
  READLINK(FuseH.FUSE_READLINK()),
  SYMLINK(FuseH.FUSE_SYMLINK()),
  MKNOD(FuseH.FUSE_MKNOD()),
  MKDIR(FuseH.FUSE_MKDIR()),
  UNLINK(FuseH.FUSE_UNLINK()),
  RMDIR(FuseH.FUSE_RMDIR()),
  RENAME(FuseH.FUSE_RENAME()),
  LINK(FuseH.FUSE_LINK()),
  OPEN(FuseH.FUSE_OPEN()),
  READ(FuseH.FUSE_READ()),
  WRITE(FuseH.FUSE_WRITE()),
  STATFS(FuseH.FUSE_STATFS()),
  RELEASE(FuseH.FUSE_RELEASE()),
  FSYNC(FuseH.FUSE_FSYNC()),
  SETXATTR(FuseH.FUSE_SETXATTR()),
  GETXATTR(FuseH.FUSE_GETXATTR()),
  LISTXATTR(FuseH.FUSE_LISTXATTR()),
  REMOVEXATTR(FuseH.FUSE_REMOVEXATTR()),
  FLUSH(FuseH.FUSE_FLUSH()),
  INIT(FuseH.FUSE_INIT()),
  OPENDIR(FuseH.FUSE_OPENDIR()),
  READDIR(FuseH.FUSE_READDIR()),
  RELEASEDIR(FuseH.FUSE_RELEASEDIR()),
  FSYNCDIR(FuseH.FUSE_FSYNCDIR()),
  ACCESS(FuseH.FUSE_ACCESS()),
  CREATE(FuseH.FUSE_CREATE()),
  INTERRUPT(FuseH.FUSE_INTERRUPT()),
  BMAP(FuseH.FUSE_BMAP()),
  DESTROY(FuseH.FUSE_DESTROY()),
  IOCTL(FuseH.FUSE_IOCTL()),
  POLL(FuseH.FUSE_POLL()),
  BATCH_FORGET(FuseH.FUSE_BATCH_FORGET()),
  FALLOCATE(FuseH.FUSE_FALLOCATE()),
  READDIRPLUS(FuseH.FUSE_READDIRPLUS()),
  RENAME2(FuseH.FUSE_RENAME2()),
  LSEEK(FuseH.FUSE_LSEEK()),
  COPY_FILE_RANGE(FuseH.FUSE_COPY_FILE_RANGE()),
  SYNCFS(FuseH.FUSE_SYNCFS()),
  TMPFILE(FuseH.FUSE_TMPFILE()),
  STATX(FuseH.FUSE_STATX());

  private static final @Nullable FuseOpcode[] BY_CODE = new @Nullable FuseOpcode[64];

  static {
    for (FuseOpcode opcode : values()) {
      BY_CODE[opcode.code] = opcode;
    }
  }

  private final int code;

  FuseOpcode(int code) {
    this.code = code;
  }

  /** The request with a number, or null if it is not known here. */
  public static @Nullable FuseOpcode of(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  public int code() {
    return code;
  }
}
