package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;

import java.lang.foreign.MemorySegment;

/**
 * The three system calls of io_uring, made through {@code syscall(2)} as libc has no wrappers. The
 * numbers are the same on x86-64 and aarch64. Results are {@code -errno} on failure.
 */
public final class IoUringCalls {
  private static final long SETUP = 425;
  private static final long ENTER = 426;
  private static final long REGISTER = 427;

  private static final LibcFunction SYSCALL = LibcFunction.named("syscall");

  private IoUringCalls() {}

  /**
   * io_uring_setup(2).
   *
   * @param params an {@link IoUringParams}' segment, read and filled by the kernel
   * @return the ring's descriptor or {@code -errno}
   */
  public static int setup(int entries, MemorySegment params) {
    return (int) SYSCALL.call(SETUP, entries, addressOf(params), 0);
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
    return (int)
        SYSCALL.call(
            state, ENTER, fd, toSubmit, minComplete, flags, addressOf(argument), argumentBytes);
  }

  /**
   * io_uring_register(2).
   *
   * @return 0 or an opcode's own result, or {@code -errno}
   */
  public static int register(int fd, int opcode, MemorySegment argument, int count) {
    return (int) SYSCALL.call(REGISTER, fd, opcode, addressOf(argument), count, 0);
  }
}
