package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_setxattr_in;
import java.lang.foreign.MemorySegment;

/** SETXATTR; the name and the value follow. It lies at an offset in memory. */
public final class SetXattrIn {
  public static final int BYTES = (int) fuse_setxattr_in.sizeof();

  private static final long SIZE_BYTES_AT = fuse_setxattr_in.size$offset();
  private static final long FLAGS_AT = fuse_setxattr_in.flags$offset();
  private static final long EXTRA_FLAGS_AT = fuse_setxattr_in.setxattr_flags$offset();

  private SetXattrIn() {}

  public static int sizeBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + SIZE_BYTES_AT);
  }

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static int extraFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + EXTRA_FLAGS_AT);
  }
}
