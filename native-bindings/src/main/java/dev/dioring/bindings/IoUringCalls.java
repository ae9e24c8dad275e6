package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The three system calls of io_uring, made through {@code syscall(2)} as libc has no wrappers. The
 * numbers are the same on x86-64 and aarch64. Results are {@code -errno} on failure.
 */
public final class IoUringCalls {
  private static final long SETUP = 425;
  private static final long ENTER = 426;
  private static final long REGISTER = 427;

  private static final MethodHandle SYSCALL_SETUP =
      NativeCalls.linkVariadic(
          "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS), 1);
  private static final MethodHandle SYSCALL_ENTER =
      NativeCalls.linkVariadic(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG),
          1);
  private static final MethodHandle SYSCALL_REGISTER =
      NativeCalls.linkVariadic(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
          1);

  private IoUringCalls() {}

  /**
   * io_uring_setup(2).
   *
   * @param params an {@link IoUringParams}' segment, read and filled by the kernel
   * @return the ring's descriptor or {@code -errno}
   */
  public static int setup(int entries, MemorySegment params) {
    CallState state = CallState.borrow();
    try {
      return (int)
          state.result((long) SYSCALL_SETUP.invokeExact(state.segment(), SETUP, entries, params));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /**
   * io_uring_enter(2), the hot call: takes the calling thread's own state.
   *
   * @param argument {@link MemorySegment#NULL} or a getevents argument of {@code argumentBytes}
   * @return number of entries consumed or {@code -errno}
   */
  public static int enter(
      CallState state,
      int fd,
      int toSubmit,
      int minComplete,
      int flags,
      MemorySegment argument,
      long argumentBytes) {
    try {
      return (int)
          state.result(
              (long)
                  SYSCALL_ENTER.invokeExact(
                      state.segment(),
                      ENTER,
                      fd,
                      toSubmit,
                      minComplete,
                      flags,
                      argument,
                      argumentBytes));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    }
  }

  /**
   * io_uring_register(2).
   *
   * @return 0 or an opcode's own result, or {@code -errno}
   */
  public static int register(int fd, int opcode, MemorySegment argument, int count) {
    CallState state = CallState.borrow();
    try {
      return (int)
          state.result(
              (long)
                  SYSCALL_REGISTER.invokeExact(
                      state.segment(), REGISTER, fd, opcode, argument, count));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }
}
