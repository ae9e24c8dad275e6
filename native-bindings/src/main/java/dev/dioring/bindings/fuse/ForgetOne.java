package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_forget_one;
import java.lang.foreign.MemorySegment;

/** One of the nodes of a BATCH_FORGET. It lies at an offset in memory. */
public final class ForgetOne {
  public static final int BYTES = (int) fuse_forget_one.sizeof();

  private static final long NODE_ID_AT = fuse_forget_one.nodeid$offset();
  private static final long LOOKUPS_AT = fuse_forget_one.nlookup$offset();

  private ForgetOne() {}

  public static long nodeId(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NODE_ID_AT);
  }

  public static long lookups(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + LOOKUPS_AT);
  }
}
