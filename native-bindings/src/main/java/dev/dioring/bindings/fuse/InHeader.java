package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.dioring.bindings.generated.fuse.fuse_in_header;
import java.lang.foreign.MemorySegment;

/** What every request starts with. It lies at an offset in memory. */
public final class InHeader {
  public static final int BYTES = (int) fuse_in_header.sizeof();

  private static final long LENGTH_BYTES_AT = fuse_in_header.len$offset();
  private static final long OPCODE_AT = fuse_in_header.opcode$offset();
  private static final long UNIQUE_AT = fuse_in_header.unique$offset();
  private static final long NODE_ID_AT = fuse_in_header.nodeid$offset();
  private static final long UID_AT = fuse_in_header.uid$offset();
  private static final long GID_AT = fuse_in_header.gid$offset();
  private static final long PID_AT = fuse_in_header.pid$offset();
  private static final long EXTENSION_WORDS_AT = fuse_in_header.total_extlen$offset();

  private InHeader() {}

  public static int lengthBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + LENGTH_BYTES_AT);
  }

  public static int opcode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + OPCODE_AT);
  }

  public static long unique(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + UNIQUE_AT);
  }

  public static long nodeId(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NODE_ID_AT);
  }

  public static int uid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + UID_AT);
  }

  public static int gid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + GID_AT);
  }

  public static int pid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + PID_AT);
  }

  public static short extensionWords(MemorySegment memory, long at) {
    return memory.get(JAVA_SHORT, at + EXTENSION_WORDS_AT);
  }
}
