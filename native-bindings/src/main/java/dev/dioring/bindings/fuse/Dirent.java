package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_dirent;
import java.lang.foreign.MemorySegment;

/** An entry of READDIR; the name follows, padded to 8 bytes. It lies at an offset in memory. */
public final class Dirent {
  public static final int BYTES = (int) fuse_dirent.sizeof();

  private static final long INODE_NR_AT = fuse_dirent.ino$offset();
  private static final long COOKIE_AT = fuse_dirent.off$offset();
  private static final long NAME_BYTES_AT = fuse_dirent.namelen$offset();
  private static final long TYPE_AT = fuse_dirent.type$offset();

  private Dirent() {}

  public static long inodeNr(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + INODE_NR_AT);
  }

  public static long cookie(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + COOKIE_AT);
  }

  public static int nameBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + NAME_BYTES_AT);
  }

  public static int type(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + TYPE_AT);
  }

  public static void inodeNr(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + INODE_NR_AT, value);
  }

  public static void cookie(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + COOKIE_AT, value);
  }

  public static void nameBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + NAME_BYTES_AT, value);
  }

  public static void type(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + TYPE_AT, value);
  }
}
