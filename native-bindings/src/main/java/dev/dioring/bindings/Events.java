package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** eventfd(2): a counter that one thread raises to wake another. Failures are {@code -errno}. */
public final class Events {
  private static final MethodHandle EVENTFD =
      NativeCalls.link("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle EVENTFD_WRITE =
      NativeCalls.link("eventfd_write", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private static final MethodHandle EVENTFD_READ =
      NativeCalls.link("eventfd_read", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  private Events() {}

  /** A new counter at zero, closed on exec. */
  public static int create() {
    CallState state = CallState.borrow();
    try {
      return state.result((int) EVENTFD.invokeExact(state.segment(), 0, LibcH.EFD_CLOEXEC()));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** Adds one, which wakes a reader. */
  public static int raise(int fd) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) EVENTFD_WRITE.invokeExact(state.segment(), fd, 1L));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** Waits until the counter is above zero and takes it back to zero. @return what it was */
  public static long take(int fd) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      int result = state.result((int) EVENTFD_READ.invokeExact(state.segment(), fd, value));
      return result < 0 ? result : value.get(JAVA_LONG, 0);
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }
}
