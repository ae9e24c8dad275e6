package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_open_in;
import java.lang.foreign.MemorySegment;

/** OPEN and OPENDIR. It lies at an offset in memory. */
public final class OpenIn {
  public static final int BYTES = (int) fuse_open_in.sizeof();

  private static final long FLAGS_AT = fuse_open_in.flags$offset();
  private static final long OPEN_FLAGS_AT = fuse_open_in.open_flags$offset();

  private OpenIn() {}

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static int openFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + OPEN_FLAGS_AT);
  }
}
