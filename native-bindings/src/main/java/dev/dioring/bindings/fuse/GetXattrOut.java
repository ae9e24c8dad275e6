package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_getxattr_out;
import java.lang.foreign.MemorySegment;

/**
 * The reply to GETXATTR and LISTXATTR that only ask for the size. It lies at an offset in memory.
 */
public final class GetXattrOut {
  public static final int BYTES = (int) fuse_getxattr_out.sizeof();

  private static final long SIZE_BYTES_AT = fuse_getxattr_out.size$offset();

  private GetXattrOut() {}

  public static void sizeBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + SIZE_BYTES_AT, value);
  }
}
