package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.dioring.bindings.generated.fuse.fuse_init_out;
import java.lang.foreign.MemorySegment;

/** The reply to INIT. It lies at an offset in memory. */
public final class InitOut {
  public static final int BYTES = (int) fuse_init_out.sizeof();

  private static final long MAJOR_AT = fuse_init_out.major$offset();
  private static final long MINOR_AT = fuse_init_out.minor$offset();
  private static final long READ_AHEAD_BYTES_MAX_AT = fuse_init_out.max_readahead$offset();
  private static final long FLAGS_AT = fuse_init_out.flags$offset();
  private static final long BACKGROUND_MAX_AT = fuse_init_out.max_background$offset();
  private static final long CONGESTION_THRESHOLD_AT = fuse_init_out.congestion_threshold$offset();
  private static final long WRITE_BYTES_MAX_AT = fuse_init_out.max_write$offset();
  private static final long TIME_NANOS_GRANULARITY_AT = fuse_init_out.time_gran$offset();
  private static final long PAGES_MAX_AT = fuse_init_out.max_pages$offset();
  private static final long FLAGS_2_AT = fuse_init_out.flags2$offset();

  private InitOut() {}

  public static void major(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + MAJOR_AT, value);
  }

  public static void minor(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + MINOR_AT, value);
  }

  public static void readAheadBytesMax(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + READ_AHEAD_BYTES_MAX_AT, value);
  }

  public static void flags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_AT, value);
  }

  public static void backgroundMax(MemorySegment memory, long at, int value) {
    memory.set(JAVA_SHORT, at + BACKGROUND_MAX_AT, (short) value);
  }

  public static void congestionThreshold(MemorySegment memory, long at, int value) {
    memory.set(JAVA_SHORT, at + CONGESTION_THRESHOLD_AT, (short) value);
  }

  public static void writeBytesMax(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + WRITE_BYTES_MAX_AT, value);
  }

  public static void timeNanosGranularity(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + TIME_NANOS_GRANULARITY_AT, value);
  }

  public static void pagesMax(MemorySegment memory, long at, int value) {
    memory.set(JAVA_SHORT, at + PAGES_MAX_AT, (short) value);
  }

  public static void flags2(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_2_AT, value);
  }
}
