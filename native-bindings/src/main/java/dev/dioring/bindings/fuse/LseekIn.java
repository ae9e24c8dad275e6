package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_lseek_in;
import java.lang.foreign.MemorySegment;

/** LSEEK. It lies at an offset in memory. */
public final class LseekIn {
  public static final int BYTES = (int) fuse_lseek_in.sizeof();

  private static final long HANDLE_AT = fuse_lseek_in.fh$offset();
  private static final long POSITION_AT = fuse_lseek_in.offset$offset();
  private static final long WHENCE_AT = fuse_lseek_in.whence$offset();

  private LseekIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static long position(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + POSITION_AT);
  }

  public static int whence(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + WHENCE_AT);
  }
}
