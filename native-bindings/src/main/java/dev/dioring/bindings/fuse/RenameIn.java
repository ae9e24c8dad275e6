package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_rename_in;
import java.lang.foreign.MemorySegment;

/** RENAME; the old and the new name follow. It lies at an offset in memory. */
public final class RenameIn {
  public static final int BYTES = (int) fuse_rename_in.sizeof();

  private static final long NEW_PARENT_AT = fuse_rename_in.newdir$offset();

  private RenameIn() {}

  public static long newParent(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NEW_PARENT_AT);
  }
}
