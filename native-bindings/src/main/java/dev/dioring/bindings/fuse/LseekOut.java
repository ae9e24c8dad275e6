package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_lseek_out;
import java.lang.foreign.MemorySegment;

/** The reply to LSEEK. It lies at an offset in memory. */
public final class LseekOut {
  public static final int BYTES = (int) fuse_lseek_out.sizeof();

  private static final long POSITION_AT = fuse_lseek_out.offset$offset();

  private LseekOut() {}

  public static void position(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + POSITION_AT, value);
  }
}
