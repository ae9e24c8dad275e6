package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_entry_out;
import java.lang.foreign.MemorySegment;

/**
 * The reply to LOOKUP and what makes a name, around an {@link Attr}. It lies at an offset in
 * memory.
 */
public final class EntryOut {
  public static final int BYTES = (int) fuse_entry_out.sizeof();

  /** Where in it the attr lies. */
  public static final long ATTR = fuse_entry_out.attr$offset();

  private static final long NODE_ID_AT = fuse_entry_out.nodeid$offset();
  private static final long GENERATION_AT = fuse_entry_out.generation$offset();
  private static final long ENTRY_VALID_SECONDS_AT = fuse_entry_out.entry_valid$offset();
  private static final long ATTR_VALID_SECONDS_AT = fuse_entry_out.attr_valid$offset();
  private static final long ENTRY_VALID_NANOS_AT = fuse_entry_out.entry_valid_nsec$offset();
  private static final long ATTR_VALID_NANOS_AT = fuse_entry_out.attr_valid_nsec$offset();

  private EntryOut() {}

  /** The node of the entry, 0 if it is a bare name. */
  public static long nodeId(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + NODE_ID_AT);
  }

  public static void nodeId(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + NODE_ID_AT, value);
  }

  public static void generation(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + GENERATION_AT, value);
  }

  public static void entryValidSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + ENTRY_VALID_SECONDS_AT, value);
  }

  public static void attrValidSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + ATTR_VALID_SECONDS_AT, value);
  }

  public static void entryValidNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + ENTRY_VALID_NANOS_AT, value);
  }

  public static void attrValidNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + ATTR_VALID_NANOS_AT, value);
  }
}
