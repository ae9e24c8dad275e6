package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** System calls on extended attributes of any namespace. Failures are {@code -errno}. */
public final class LinuxXattrs {
  private static final LibcFunction GETXATTR = LibcFunction.named("getxattr");

  private LinuxXattrs() {}

  /** getxattr(2) into memory: bytes of the value. A NUL in path or name is {@code -EINVAL}. */
  public static long get(String path, String name, MemorySegment value) {
    if (path.indexOf(0) >= 0 || name.indexOf(0) >= 0) {
      return -Errno.EINVAL;
    }
    try (Arena arena = Arena.ofConfined()) {
      return GETXATTR.call(
          addressOf(arena.allocateFrom(path)),
          addressOf(arena.allocateFrom(name)),
          addressOf(value),
          value.byteSize());
    }
  }
}
