package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_fsync_in;
import java.lang.foreign.MemorySegment;

/** FSYNC and FSYNCDIR. It lies at an offset in memory. */
public final class FsyncIn {
  public static final int BYTES = (int) fuse_fsync_in.sizeof();

  private static final long HANDLE_AT = fuse_fsync_in.fh$offset();
  private static final long FLAGS_AT = fuse_fsync_in.fsync_flags$offset();

  private FsyncIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static int flags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FLAGS_AT);
  }
}
