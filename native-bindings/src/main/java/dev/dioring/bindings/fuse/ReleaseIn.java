package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_release_in;
import java.lang.foreign.MemorySegment;

/** RELEASE and RELEASEDIR. It lies at an offset in memory. */
public final class ReleaseIn {
  public static final int BYTES = (int) fuse_release_in.sizeof();

  private static final long HANDLE_AT = fuse_release_in.fh$offset();
  private static final long FILE_FLAGS_AT = fuse_release_in.flags$offset();
  private static final long RELEASE_FLAGS_AT = fuse_release_in.release_flags$offset();

  private ReleaseIn() {}

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static int fileFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + FILE_FLAGS_AT);
  }

  public static int releaseFlags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + RELEASE_FLAGS_AT);
  }
}
