package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_mknod_in;
import java.lang.foreign.MemorySegment;

/** MKNOD; the name follows. It lies at an offset in memory. */
public final class MknodIn {
  public static final int BYTES = (int) fuse_mknod_in.sizeof();

  private static final long MODE_AT = fuse_mknod_in.mode$offset();
  private static final long DEVICE_AT = fuse_mknod_in.rdev$offset();
  private static final long UMASK_AT = fuse_mknod_in.umask$offset();

  private MknodIn() {}

  public static int mode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODE_AT);
  }

  public static int device(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + DEVICE_AT);
  }

  public static int umask(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + UMASK_AT);
  }
}
