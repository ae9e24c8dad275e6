package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_create_in;
import java.lang.foreign.MemorySegment;

/** CREATE, whose name follows, and TMPFILE. It lies at an offset in memory. */
public final class CreateIn {
  public static final int BYTES = (int) fuse_create_in.sizeof();

  private static final long FLAGS_AT = fuse_create_in.flags$offset();
  private static final long MODE_AT = fuse_create_in.mode$offset();
  private static final long UMASK_AT = fuse_create_in.umask$offset();
  private static final long OPEN_FLAGS_AT = fuse_create_in.open_flags$offset();

  private CreateIn() {}

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static int mode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODE_AT);
  }

  public static int umask(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + UMASK_AT);
  }

  public static int openFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + OPEN_FLAGS_AT);
  }
}
