package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_out_header;
import java.lang.foreign.MemorySegment;

/** What every reply starts with; the error is 0 or -errno. */
public final class OutHeader {
  public static final int BYTES = (int) fuse_out_header.sizeof();

  private static final long LENGTH_BYTES_AT = fuse_out_header.len$offset();
  private static final long ERROR_AT = fuse_out_header.error$offset();
  private static final long UNIQUE_AT = fuse_out_header.unique$offset();

  private OutHeader() {}

  public static void lengthBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + LENGTH_BYTES_AT, value);
  }

  public static void error(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + ERROR_AT, value);
  }

  public static void unique(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + UNIQUE_AT, value);
  }
}
