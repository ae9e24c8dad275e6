package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_ioctl_in;
import java.lang.foreign.MemorySegment;

/** IOCTL; its argument follows. It lies at an offset in memory. */
public final class IoctlIn {
  public static final int BYTES = (int) fuse_ioctl_in.sizeof();

  private static final long HANDLE_AT = fuse_ioctl_in.fh$offset();
  private static final long FLAGS_AT = fuse_ioctl_in.flags$offset();
  private static final long COMMAND_AT = fuse_ioctl_in.cmd$offset();
  private static final long IN_BYTES_AT = fuse_ioctl_in.in_size$offset();
  private static final long OUT_BYTES_AT = fuse_ioctl_in.out_size$offset();

  private IoctlIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static int command(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + COMMAND_AT);
  }

  public static int inBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + IN_BYTES_AT);
  }

  public static int outBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + OUT_BYTES_AT);
  }
}
