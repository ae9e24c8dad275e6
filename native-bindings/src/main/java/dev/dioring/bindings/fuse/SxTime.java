package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_sx_time;
import java.lang.foreign.MemorySegment;

/** A time of STATX. It lies at an offset in memory. */
public final class SxTime {
  public static final int BYTES = (int) fuse_sx_time.sizeof();

  private static final long SECONDS_AT = fuse_sx_time.tv_sec$offset();
  private static final long NANOS_AT = fuse_sx_time.tv_nsec$offset();

  private SxTime() {}

  public static void seconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + SECONDS_AT, value);
  }

  public static void nanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + NANOS_AT, value);
  }
}
