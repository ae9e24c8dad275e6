package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_ext_header;
import java.lang.foreign.MemorySegment;

/** An extension behind a request. It lies at an offset in memory. */
public final class ExtHeader {
  public static final int BYTES = (int) fuse_ext_header.sizeof();

  private static final long SIZE_BYTES_AT = fuse_ext_header.size$offset();
  private static final long TYPE_AT = fuse_ext_header.type$offset();

  private ExtHeader() {}

  public static int sizeBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + SIZE_BYTES_AT);
  }

  public static int type(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + TYPE_AT);
  }
}
