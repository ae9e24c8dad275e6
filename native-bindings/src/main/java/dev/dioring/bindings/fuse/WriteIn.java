package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_write_in;
import java.lang.foreign.MemorySegment;

/** WRITE; the data follows. It lies at an offset in memory. */
public final class WriteIn {
  public static final int BYTES = (int) fuse_write_in.sizeof();

  private static final long HANDLE_AT = fuse_write_in.fh$offset();
  private static final long POSITION_AT = fuse_write_in.offset$offset();
  private static final long SIZE_BYTES_AT = fuse_write_in.size$offset();
  private static final long WRITE_FLAGS_AT = fuse_write_in.write_flags$offset();
  private static final long FILE_FLAGS_AT = fuse_write_in.flags$offset();

  private WriteIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static long position(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + POSITION_AT);
  }

  public static int sizeBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + SIZE_BYTES_AT);
  }

  public static int writeFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + WRITE_FLAGS_AT);
  }

  public static int fileFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FILE_FLAGS_AT);
  }
}
