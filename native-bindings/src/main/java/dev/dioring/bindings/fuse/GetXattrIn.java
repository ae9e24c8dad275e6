package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_getxattr_in;
import java.lang.foreign.MemorySegment;

/** GETXATTR, whose name follows, and LISTXATTR. It lies at an offset in memory. */
public final class GetXattrIn {
  public static final int BYTES = (int) fuse_getxattr_in.sizeof();

  private static final long SIZE_BYTES_AT = fuse_getxattr_in.size$offset();

  private GetXattrIn() {}

  public static int sizeBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + SIZE_BYTES_AT);
  }
}
