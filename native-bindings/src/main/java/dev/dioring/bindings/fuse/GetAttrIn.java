package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_getattr_in;
import java.lang.foreign.MemorySegment;

/** GETATTR. It lies at an offset in memory. */
public final class GetAttrIn {
  public static final int BYTES = (int) fuse_getattr_in.sizeof();

  private static final long FLAGS_AT = fuse_getattr_in.getattr_flags$offset();
  private static final long HANDLE_AT = fuse_getattr_in.fh$offset();

  private GetAttrIn() {}

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }
}
