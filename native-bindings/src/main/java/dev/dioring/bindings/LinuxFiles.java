package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

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

  private static final MethodHandle OPEN =
      NativeCalls.linkVariadic(
          "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle FCNTL =
      NativeCalls.linkVariadic(
          "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle CLOSE = intCall("close", JAVA_INT);
  private static final MethodHandle PREAD = transferCall("pread");
  private static final MethodHandle PWRITE = transferCall("pwrite");
  private static final MethodHandle PREADV2 = vectorCall("preadv2");
  private static final MethodHandle PWRITEV2 = vectorCall("pwritev2");
  private static final MethodHandle FSYNC = intCall("fsync", JAVA_INT);
  private static final MethodHandle FDATASYNC = intCall("fdatasync", JAVA_INT);
  private static final MethodHandle FALLOCATE =
      intCall("fallocate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FTRUNCATE = intCall("ftruncate", JAVA_INT, JAVA_LONG);
  private static final MethodHandle FLOCK = intCall("flock", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ = streamCall("read", JAVA_LONG);
  private static final MethodHandle WRITEV = streamCall("writev", JAVA_INT);
  private static final MethodHandle DUP = intCall("dup", JAVA_INT);
  private static final MethodHandle DUP2 = intCall("dup2", JAVA_INT, JAVA_INT);

  private LinuxFiles() {}

  /** open(2). O_CLOEXEC is always set. A path with a NUL in it is {@code -EINVAL}. */
  public static int open(String path, int flags, int mode) {
    if (path.indexOf(0) >= 0) {
      return -Errno.EINVAL;
    }
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      return state.result(
          (int)
              OPEN.invokeExact(state.segment(), arena.allocateFrom(path), flags | O_CLOEXEC, mode));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  public static int close(int fd) {
    return call(CLOSE, fd);
  }

  /** The O_* flags of a descriptor, as fcntl(2) with F_GETFL. */
  public static int statusFlags(int fd) {
    return control(fd, LibcH.F_GETFL(), 0);
  }

  /** Sets those O_* flags that can change while a file is open, as fcntl(2) with F_SETFL. */
  public static int statusFlags(int fd, int flags) {
    return control(fd, LibcH.F_SETFL(), flags);
  }

  private static int control(int fd, int command, int argument) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) FCNTL.invokeExact(state.segment(), fd, command, argument));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** pread(2): bytes read, fewer at end of file. */
  public static long pread(int fd, MemorySegment memory, long lengthBytes, long fileOffset) {
    return transfer(PREAD, fd, memory, lengthBytes, fileOffset);
  }

  /** pwrite(2): bytes written. */
  public static long pwrite(int fd, MemorySegment memory, long lengthBytes, long fileOffset) {
    return transfer(PWRITE, fd, memory, lengthBytes, fileOffset);
  }

  /** read(2) of what a device or socket has next. The state belongs to the calling thread. */
  public static long read(CallState state, int fd, MemorySegment memory, long lengthBytes) {
    try {
      return state.result((long) READ.invokeExact(state.segment(), fd, memory, lengthBytes));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    }
  }

  /** writev(2) from an {@link IoVec}'s segment. */
  public static long writev(int fd, MemorySegment vector, int count) {
    CallState state = CallState.borrow();
    try {
      return state.result((long) WRITEV.invokeExact(state.segment(), fd, vector, count));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** dup(2); the copy is inherited by programs that are started. */
  public static int dup(int fd) {
    return call(DUP, fd);
  }

  /** dup2(2); the copy is inherited by programs that are started. */
  public static int dup2(int from, int to) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) DUP2.invokeExact(state.segment(), from, to));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** preadv2(2) with RWF_* flags, into an {@link IoVec}'s segment. */
  public static long preadv2(int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    return vectored(PREADV2, fd, vector, count, fileOffset, flags);
  }

  /** pwritev2(2) with RWF_* flags, from an {@link IoVec}'s segment. */
  public static long pwritev2(int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    return vectored(PWRITEV2, fd, vector, count, fileOffset, flags);
  }

  public static int fsync(int fd) {
    return call(FSYNC, fd);
  }

  public static int fdatasync(int fd) {
    return call(FDATASYNC, fd);
  }

  /** flock(2): LOCK_SH or LOCK_EX, with LOCK_NB answering {@code -EAGAIN}. */
  public static int flock(int fd, int operation) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) FLOCK.invokeExact(state.segment(), fd, operation));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** fallocate(2) with FALLOC_* modes. */
  public static int fallocate(int fd, int mode, long fileOffset, long lengthBytes) {
    CallState state = CallState.borrow();
    try {
      return state.result(
          (int) FALLOCATE.invokeExact(state.segment(), fd, mode, fileOffset, lengthBytes));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  public static int ftruncate(int fd, long lengthBytes) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) FTRUNCATE.invokeExact(state.segment(), fd, lengthBytes));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  private static int call(MethodHandle handle, int fd) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) handle.invokeExact(state.segment(), fd));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  private static long transfer(
      MethodHandle handle, int fd, MemorySegment memory, long lengthBytes, long fileOffset) {
    CallState state = CallState.borrow();
    try {
      return state.result(
          (long) handle.invokeExact(state.segment(), fd, memory, lengthBytes, fileOffset));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  private static long vectored(
      MethodHandle handle, int fd, MemorySegment vector, int count, long fileOffset, int flags) {
    CallState state = CallState.borrow();
    try {
      return state.result(
          (long) handle.invokeExact(state.segment(), fd, vector, count, fileOffset, flags));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  private static MethodHandle intCall(String name, java.lang.foreign.MemoryLayout... arguments) {
    return NativeCalls.link(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MethodHandle streamCall(String name, MemoryLayout length) {
    return NativeCalls.link(name, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, length));
  }

  private static MethodHandle transferCall(String name) {
    return NativeCalls.link(
        name, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  }

  private static MethodHandle vectorCall(String name) {
    return NativeCalls.link(
        name, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
  }
}
