package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_rename2_in;
import java.lang.foreign.MemorySegment;

/** RENAME2; the old and the new name follow. It lies at an offset in memory. */
public final class Rename2In {
  public static final int BYTES = (int) fuse_rename2_in.sizeof();

  private static final long NEW_PARENT_AT = fuse_rename2_in.newdir$offset();
  private static final long FLAGS_AT = fuse_rename2_in.flags$offset();

  private Rename2In() {}

  public static long newParent(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NEW_PARENT_AT);
  }

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }
}
