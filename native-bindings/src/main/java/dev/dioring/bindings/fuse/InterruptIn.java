package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_interrupt_in;
import java.lang.foreign.MemorySegment;

/** INTERRUPT of another request. It lies at an offset in memory. */
public final class InterruptIn {
  public static final int BYTES = (int) fuse_interrupt_in.sizeof();

  private static final long UNIQUE_AT = fuse_interrupt_in.unique$offset();

  private InterruptIn() {}

  public static long unique(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + UNIQUE_AT);
  }
}
