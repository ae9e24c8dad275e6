package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** System calls on extended attributes of any namespace. Failures are {@code -errno}. */
public final class LinuxXattrs {
  private static final MethodHandle GET =
      NativeCalls.link(
          "getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

  private LinuxXattrs() {}

  /** getxattr(2) into memory: bytes of the value. A NUL in path or name is {@code -EINVAL}. */
  public static long get(String path, String name, MemorySegment value) {
    if (path.indexOf(0) >= 0 || name.indexOf(0) >= 0) {
      return -Errno.EINVAL;
    }
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      return state.result(
          (long)
              GET.invokeExact(
                  state.segment(),
                  arena.allocateFrom(path),
                  arena.allocateFrom(name),
                  value,
                  value.byteSize()));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }
}
