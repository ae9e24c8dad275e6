package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_statx_out;
import java.lang.foreign.MemorySegment;

/** The reply to STATX, around a {@link Stat}. It lies at an offset in memory. */
public final class StatxOut {
  public static final int BYTES = (int) fuse_statx_out.sizeof();

  /** Where in it the stat lies. */
  public static final long STAT = fuse_statx_out.stat$offset();

  private static final long VALID_SECONDS_AT = fuse_statx_out.attr_valid$offset();
  private static final long VALID_NANOS_AT = fuse_statx_out.attr_valid_nsec$offset();
  private static final long FLAGS_AT = fuse_statx_out.flags$offset();

  private StatxOut() {}

  public static void validSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + VALID_SECONDS_AT, value);
  }

  public static void validNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + VALID_NANOS_AT, value);
  }

  public static void flags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_AT, value);
  }
}
