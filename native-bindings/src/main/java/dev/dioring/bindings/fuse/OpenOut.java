package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_open_out;
import java.lang.foreign.MemorySegment;

/** The reply to OPEN, and behind an {@link EntryOut} to CREATE. It lies at an offset in memory. */
public final class OpenOut {
  public static final int BYTES = (int) fuse_open_out.sizeof();

  private static final long HANDLE_AT = fuse_open_out.fh$offset();
  private static final long FLAGS_AT = fuse_open_out.open_flags$offset();
  private static final long BACKING_AT = fuse_open_out.backing_id$offset();

  private OpenOut() {}

  public static void handle(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + HANDLE_AT, value);
  }

  public static void flags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_AT, value);
  }

  public static void backing(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + BACKING_AT, value);
  }
}
