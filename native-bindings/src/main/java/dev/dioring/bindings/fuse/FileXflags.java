package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR hand over, as linux/fs.h has it.
 *
 * <pre>
 * xflags u32 | extsize u32 | nextents u32 | projid u32 | cowextsize u32 | 8 bytes of zeroes
 * </pre>
 *
 * It lies at an offset in memory.
 */
public final class FileXflags {
  public static final int BYTES = 28;

  public static final int IMMUTABLE = 0x8;
  public static final int APPEND = 0x10;
  public static final int SYNC = 0x20;
  public static final int NOATIME = 0x40;
  public static final int NODUMP = 0x80;
  public static final int PROJINHERIT = 0x200;

  private static final long PROJECT_AT = 12;

  private FileXflags() {}

  public static int xflags(MemorySegment memory, long at) {
    return memory.get(JAVA_INT_UNALIGNED, at);
  }

  public static void xflags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT_UNALIGNED, at, value);
  }

  public static int projectId(MemorySegment memory, long at) {
    return memory.get(JAVA_INT_UNALIGNED, at + PROJECT_AT);
  }

  public static void projectId(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT_UNALIGNED, at + PROJECT_AT, value);
  }
}
