package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_write_out;
import java.lang.foreign.MemorySegment;

/** The reply to WRITE and COPY_FILE_RANGE. It lies at an offset in memory. */
public final class WriteOut {
  public static final int BYTES = (int) fuse_write_out.sizeof();

  private static final long SIZE_BYTES_AT = fuse_write_out.size$offset();

  private WriteOut() {}

  public static void sizeBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + SIZE_BYTES_AT, value);
  }
}
