package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * System calls on files by descriptor. All return {@code -errno} on failure. All may block: a
 * virtual thread that calls them pins its carrier.
 */
public final class LinuxFiles {
  public static final int O_RDONLY = LibcH.O_RDONLY();
  public static final int O_WRONLY = LibcH.O_WRONLY();
  public static final int O_RDWR = LibcH.O_RDWR();
  public static final int O_CREAT = LibcH.O_CREAT();
  public static final int O_EXCL = LibcH.O_EXCL();
  public static final int O_TRUNC = LibcH.O_TRUNC();
  public static final int O_APPEND = LibcH.O_APPEND();
  public static final int O_CLOEXEC = LibcH.O_CLOEXEC();
  public static final int O_NONBLOCK = LibcH.O_NONBLOCK();
  public static final int O_DSYNC = LibcH.O_DSYNC();
  public static final int O_SYNC = LibcH.O_SYNC();
  public static final int O_NOATIME = LibcH.O_NOATIME();
  public static final int O_DIRECT = Architecture.O_DIRECT;
  public static final int O_DIRECTORY = Architecture.O_DIRECTORY;
  public static final int O_NOFOLLOW = Architecture.O_NOFOLLOW;
  public static final int O_TMPFILE = Architecture.O_TMPFILE;
  public static final int RWF_DSYNC = LibcH.RWF_DSYNC();
  public static final int RWF_NOWAIT = LibcH.RWF_NOWAIT();
  public static final int FALLOC_KEEP_SIZE = LibcH.FALLOC_FL_KEEP_SIZE();
  public static final int FALLOC_PUNCH_HOLE = LibcH.FALLOC_FL_PUNCH_HOLE();
  public static final int FALLOC_ZERO_RANGE = LibcH.FALLOC_FL_ZERO_RANGE();
  public static final int LOCK_SH = LibcH.LOCK_SH();
  public static final int LOCK_EX = LibcH.LOCK_EX();
  public static final int LOCK_NB = LibcH.LOCK_NB();

  private static final LibcFunction CHDIR = LibcFunction.named("chdir");
  private static final LibcFunction OPEN = LibcFunction.named("open");
  private static final LibcFunction FCNTL = LibcFunction.named("fcntl");
  private static final LibcFunction CLOSE = LibcFunction.named("close");
  private static final LibcFunction PREAD = LibcFunction.named("pread");
  private static final LibcFunction PWRITE = LibcFunction.named("pwrite");
  private static final LibcFunction PREADV2 = LibcFunction.named("preadv2");
  private static final LibcFunction PWRITEV2 = LibcFunction.named("pwritev2");
  private static final LibcFunction FSYNC = LibcFunction.named("fsync");
  private static final LibcFunction FDATASYNC = LibcFunction.named("fdatasync");
  private static final LibcFunction FALLOCATE = LibcFunction.named("fallocate");
  private static final LibcFunction FTRUNCATE = LibcFunction.named("ftruncate");
  private static final LibcFunction FLOCK = LibcFunction.named("flock");
  private static final LibcFunction READ = LibcFunction.named("read");
  private static final LibcFunction WRITEV = LibcFunction.named("writev");
  private static final LibcFunction DUP = LibcFunction.named("dup");
  private static final LibcFunction DUP2 = LibcFunction.named("dup2");

  private LinuxFiles() {}

  /** open(2). O_CLOEXEC is always set. A path with a NUL in it is {@code -EINVAL}. */
  public static int open(String path, int flags, int mode) {
    if (path.indexOf(0) >= 0) {
      return -Errno.EINVAL;
    }
    try (Arena arena = Arena.ofConfined()) {
      return OPEN.callInt(addressOf(arena.allocateFrom(path)), flags | O_CLOEXEC, mode);
    }
  }

  public static int close(int fd) {
    return CLOSE.callInt(fd);
  }

  /** The O_* flags of a descriptor, as fcntl(2) with F_GETFL. */
  public static int statusFlags(int fd) {
    return FCNTL.callInt(fd, LibcH.F_GETFL());
  }

  /** Sets those O_* flags that can change while a file is open, as fcntl(2) with F_SETFL. */
  public static int statusFlags(int fd, int flags) {
    return FCNTL.callInt(fd, LibcH.F_SETFL(), flags);
  }

  /** pread(2): bytes read, fewer at end of file. */
  public static long pread(int fd, MemorySegment memory, long lengthBytes, long fileOffset) {
    return PREAD.call(fd, addressOf(memory), lengthBytes, fileOffset);
  }

  /** pwrite(2): bytes written. */
  public static long pwrite(int fd, MemorySegment memory, long lengthBytes, long fileOffset) {
    return PWRITE.call(fd, addressOf(memory), lengthBytes, fileOffset);
  }

  /** read(2) of what a device or socket has next. The state belongs to the calling thread. */
  public static long read(CallState state, int fd, MemorySegment memory, long lengthBytes) {
    return READ.call(state, fd, addressOf(memory), lengthBytes, 0, 0, 0, 0);
  }

  /** writev(2) from an {@link IoVec}'s segment. */
  public static long writev(int fd, MemorySegment vector, int count) {
    return WRITEV.call(fd, addressOf(vector), count, 0);
  }

  /** chdir(2) of the whole process. Java resolves relative paths there from then on. */
  public static int changeDirectory(String path) {
    try (Arena arena = Arena.ofConfined()) {
      return CHDIR.callInt(addressOf(arena.allocateFrom(path)));
    }
  }

  /** dup(2); the copy is inherited by programs that are started. */
  public static int dup(int fd) {
    return DUP.callInt(fd);
  }

  /** dup2(2); the copy is inherited by programs that are started. */
  public static int dup2(int from, int to) {
    return DUP2.callInt(from, to);
  }

  /** preadv2(2) with RWF_* flags, into an {@link IoVec}'s segment. */
  public static long preadv2(int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    return vectored(PREADV2, fd, vector, count, fileOffset, flags);
  }

  /** pwritev2(2) with RWF_* flags, from an {@link IoVec}'s segment. */
  public static long pwritev2(int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    return vectored(PWRITEV2, fd, vector, count, fileOffset, flags);
  }

  /** The offset comes in two halves, of which a machine of 64 bits has all in the first. */
  private static long vectored(
      LibcFunction function, int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    return function.call(fd, addressOf(vector), count, fileOffset, flags, 0);
  }

  public static int fsync(int fd) {
    return FSYNC.callInt(fd);
  }

  public static int fdatasync(int fd) {
    return FDATASYNC.callInt(fd);
  }

  /** flock(2): LOCK_SH or LOCK_EX, with LOCK_NB answering {@code -EAGAIN}. */
  public static int flock(int fd, int operation) {
    return FLOCK.callInt(fd, operation);
  }

  /** fallocate(2) with FALLOC_* modes. */
  public static int fallocate(int fd, int mode, long fileOffset, long lengthBytes) {
    return FALLOCATE.callInt(fd, mode, fileOffset, lengthBytes, 0);
  }

  public static int ftruncate(int fd, long lengthBytes) {
    return FTRUNCATE.callInt(fd, lengthBytes);
  }
}
