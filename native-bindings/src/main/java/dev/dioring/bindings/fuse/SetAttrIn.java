package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_setattr_in;
import java.lang.foreign.MemorySegment;

/** SETATTR. It lies at an offset in memory. */
public final class SetAttrIn {
  public static final int BYTES = (int) fuse_setattr_in.sizeof();

  private static final long VALID_AT = fuse_setattr_in.valid$offset();
  private static final long HANDLE_AT = fuse_setattr_in.fh$offset();
  private static final long SIZE_BYTES_AT = fuse_setattr_in.size$offset();
  private static final long ACCESS_SECONDS_AT = fuse_setattr_in.atime$offset();
  private static final long MODIFICATION_SECONDS_AT = fuse_setattr_in.mtime$offset();
  private static final long CHANGE_SECONDS_AT = fuse_setattr_in.ctime$offset();
  private static final long ACCESS_NANOS_AT = fuse_setattr_in.atimensec$offset();
  private static final long MODIFICATION_NANOS_AT = fuse_setattr_in.mtimensec$offset();
  private static final long CHANGE_NANOS_AT = fuse_setattr_in.ctimensec$offset();
  private static final long MODE_AT = fuse_setattr_in.mode$offset();
  private static final long UID_AT = fuse_setattr_in.uid$offset();
  private static final long GID_AT = fuse_setattr_in.gid$offset();

  private SetAttrIn() {}

  public static int valid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + VALID_AT);
  }

  public static long handle(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + HANDLE_AT);
  }

  public static long sizeBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + SIZE_BYTES_AT);
  }

  public static long accessSeconds(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + ACCESS_SECONDS_AT);
  }

  public static long modificationSeconds(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + MODIFICATION_SECONDS_AT);
  }

  public static long changeSeconds(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + CHANGE_SECONDS_AT);
  }

  public static int accessNanos(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + ACCESS_NANOS_AT);
  }

  public static int modificationNanos(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODIFICATION_NANOS_AT);
  }

  public static int changeNanos(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + CHANGE_NANOS_AT);
  }

  public static int mode(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + MODE_AT);
  }

  public static int uid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + UID_AT);
  }

  public static int gid(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + GID_AT);
  }
}
