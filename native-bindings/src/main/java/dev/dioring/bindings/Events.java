package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** eventfd(2): a counter that one thread raises to wake another. Failures are {@code -errno}. */
public final class Events {
  private static final LibcFunction EVENTFD = LibcFunction.named("eventfd");
  private static final LibcFunction EVENTFD_WRITE = LibcFunction.named("eventfd_write");
  private static final LibcFunction EVENTFD_READ = LibcFunction.named("eventfd_read");

  private Events() {}

  /** A new counter at zero, closed on exec. */
  public static int create() {
    return EVENTFD.callInt(0, LibcH.EFD_CLOEXEC());
  }

  /** Adds one, which wakes a reader. */
  public static int raise(int fd) {
    return EVENTFD_WRITE.callInt(fd, 1);
  }

  /** Waits until the counter is above zero and takes it back to zero. @return what it was */
  public static long take(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      int result = EVENTFD_READ.callInt(fd, addressOf(value));
      return result < 0 ? result : value.get(JAVA_LONG, 0);
    }
  }
}
