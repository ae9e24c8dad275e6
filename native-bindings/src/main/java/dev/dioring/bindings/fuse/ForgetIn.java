package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_forget_in;
import java.lang.foreign.MemorySegment;

/** FORGET. It lies at an offset in memory. */
public final class ForgetIn {
  public static final int BYTES = (int) fuse_forget_in.sizeof();

  private static final long LOOKUPS_AT = fuse_forget_in.nlookup$offset();

  private ForgetIn() {}

  public static long lookups(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + LOOKUPS_AT);
  }
}
