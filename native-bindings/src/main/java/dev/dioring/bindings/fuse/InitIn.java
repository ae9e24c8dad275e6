package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_init_in;
import java.lang.foreign.MemorySegment;

/** INIT: what the kernel offers. It lies at an offset in memory. */
public final class InitIn {
  public static final int BYTES = (int) fuse_init_in.sizeof();

  private static final long MAJOR_AT = fuse_init_in.major$offset();
  private static final long MINOR_AT = fuse_init_in.minor$offset();
  private static final long READ_AHEAD_BYTES_MAX_AT = fuse_init_in.max_readahead$offset();
  private static final long FLAGS_AT = fuse_init_in.flags$offset();
  private static final long FLAGS_2_AT = fuse_init_in.flags2$offset();

  private InitIn() {}

  public static int major(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MAJOR_AT);
  }

  public static int minor(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MINOR_AT);
  }

  public static int readAheadBytesMax(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + READ_AHEAD_BYTES_MAX_AT);
  }

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }

  public static int flags2(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_2_AT);
  }
}
