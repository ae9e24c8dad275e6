package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_mkdir_in;
import java.lang.foreign.MemorySegment;

/** MKDIR; the name follows. It lies at an offset in memory. */
public final class MkdirIn {
  public static final int BYTES = (int) fuse_mkdir_in.sizeof();

  private static final long MODE_AT = fuse_mkdir_in.mode$offset();
  private static final long UMASK_AT = fuse_mkdir_in.umask$offset();

  private MkdirIn() {}

  public static int mode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODE_AT);
  }

  public static int umask(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + UMASK_AT);
  }
}
