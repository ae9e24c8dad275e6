package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_fallocate_in;
import java.lang.foreign.MemorySegment;

/** FALLOCATE. It lies at an offset in memory. */
public final class FallocateIn {
  public static final int BYTES = (int) fuse_fallocate_in.sizeof();

  private static final long HANDLE_AT = fuse_fallocate_in.fh$offset();
  private static final long POSITION_AT = fuse_fallocate_in.offset$offset();
  private static final long LENGTH_BYTES_AT = fuse_fallocate_in.length$offset();
  private static final long MODE_AT = fuse_fallocate_in.mode$offset();

  private FallocateIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static long position(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + POSITION_AT);
  }

  public static long lengthBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + LENGTH_BYTES_AT);
  }

  public static int mode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODE_AT);
  }
}
