package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_copy_file_range_in;
import java.lang.foreign.MemorySegment;

/** COPY_FILE_RANGE. It lies at an offset in memory. */
public final class CopyFileRangeIn {
  public static final int BYTES = (int) fuse_copy_file_range_in.sizeof();

  private static final long HANDLE_FROM_AT = fuse_copy_file_range_in.fh_in$offset();
  private static final long POSITION_FROM_AT = fuse_copy_file_range_in.off_in$offset();
  private static final long NODE_TO_AT = fuse_copy_file_range_in.nodeid_out$offset();
  private static final long HANDLE_TO_AT = fuse_copy_file_range_in.fh_out$offset();
  private static final long POSITION_TO_AT = fuse_copy_file_range_in.off_out$offset();
  private static final long LENGTH_BYTES_AT = fuse_copy_file_range_in.len$offset();
  private static final long FLAGS_AT = fuse_copy_file_range_in.flags$offset();

  private CopyFileRangeIn() {}

  public static long handleFrom(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_FROM_AT);
  }

  public static long positionFrom(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + POSITION_FROM_AT);
  }

  public static long nodeTo(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NODE_TO_AT);
  }

  public static long handleTo(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_TO_AT);
  }

  public static long positionTo(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + POSITION_TO_AT);
  }

  public static long lengthBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + LENGTH_BYTES_AT);
  }

  public static long flags(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + FLAGS_AT);
  }
}
