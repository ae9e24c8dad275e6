package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_ioctl_out;
import java.lang.foreign.MemorySegment;

/** The reply to IOCTL; its result follows. It lies at an offset in memory. */
public final class IoctlOut {
  public static final int BYTES = (int) fuse_ioctl_out.sizeof();

  private static final long RESULT_AT = fuse_ioctl_out.result$offset();
  private static final long FLAGS_AT = fuse_ioctl_out.flags$offset();
  private static final long IN_VECTORS_AT = fuse_ioctl_out.in_iovs$offset();
  private static final long OUT_VECTORS_AT = fuse_ioctl_out.out_iovs$offset();

  private IoctlOut() {}

  public static void result(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + RESULT_AT, value);
  }

  public static void flags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_AT, value);
  }

  public static void inVectors(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + IN_VECTORS_AT, value);
  }

  public static void outVectors(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + OUT_VECTORS_AT, value);
  }
}
