package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_statx_in;
import java.lang.foreign.MemorySegment;

/** STATX. It lies at an offset in memory. */
public final class StatxIn {
  public static final int BYTES = (int) fuse_statx_in.sizeof();

  private static final long FLAGS_AT = fuse_statx_in.getattr_flags$offset();
  private static final long HANDLE_AT = fuse_statx_in.fh$offset();
  private static final long MASK_AT = fuse_statx_in.sx_mask$offset();

  private StatxIn() {}

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static int mask(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MASK_AT);
  }
}
