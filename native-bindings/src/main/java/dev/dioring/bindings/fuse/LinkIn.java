package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_link_in;
import java.lang.foreign.MemorySegment;

/** LINK; the new name follows. It lies at an offset in memory. */
public final class LinkIn {
  public static final int BYTES = (int) fuse_link_in.sizeof();

  private static final long NODE_ID_AT = fuse_link_in.oldnodeid$offset();

  private LinkIn() {}

  public static long nodeId(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NODE_ID_AT);
  }
}
