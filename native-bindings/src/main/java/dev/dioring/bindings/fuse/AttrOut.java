package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_attr_out;
import java.lang.foreign.MemorySegment;

/** The reply to GETATTR and SETATTR, around an {@link Attr}. It lies at an offset in memory. */
public final class AttrOut {
  public static final int BYTES = (int) fuse_attr_out.sizeof();

  /** Where in it the attr lies. */
  public static final long ATTR = fuse_attr_out.attr$offset();

  private static final long VALID_SECONDS_AT = fuse_attr_out.attr_valid$offset();
  private static final long VALID_NANOS_AT = fuse_attr_out.attr_valid_nsec$offset();

  private AttrOut() {}

  public static void validSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + VALID_SECONDS_AT, value);
  }

  public static void validNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + VALID_NANOS_AT, value);
  }
}
