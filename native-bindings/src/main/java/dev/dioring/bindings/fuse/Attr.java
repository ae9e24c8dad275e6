package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_attr;
import java.lang.foreign.MemorySegment;

/** What stat tells, inside of other replies. It lies at an offset in memory. */
public final class Attr {
  public static final int BYTES = (int) fuse_attr.sizeof();

  private static final long INODE_NR_AT = fuse_attr.ino$offset();
  private static final long SIZE_BYTES_AT = fuse_attr.size$offset();
  private static final long SECTORS_AT = fuse_attr.blocks$offset();
  private static final long ACCESS_SECONDS_AT = fuse_attr.atime$offset();
  private static final long MODIFICATION_SECONDS_AT = fuse_attr.mtime$offset();
  private static final long CHANGE_SECONDS_AT = fuse_attr.ctime$offset();
  private static final long ACCESS_NANOS_AT = fuse_attr.atimensec$offset();
  private static final long MODIFICATION_NANOS_AT = fuse_attr.mtimensec$offset();
  private static final long CHANGE_NANOS_AT = fuse_attr.ctimensec$offset();
  private static final long MODE_AT = fuse_attr.mode$offset();
  private static final long LINKS_AT = fuse_attr.nlink$offset();
  private static final long UID_AT = fuse_attr.uid$offset();
  private static final long GID_AT = fuse_attr.gid$offset();
  private static final long DEVICE_AT = fuse_attr.rdev$offset();
  private static final long BLOCK_SIZE_BYTES_AT = fuse_attr.blksize$offset();
  private static final long FLAGS_AT = fuse_attr.flags$offset();

  private Attr() {}

  public static void inodeNr(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + INODE_NR_AT, value);
  }

  public static void sizeBytes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + SIZE_BYTES_AT, value);
  }

  public static void sectors(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + SECTORS_AT, value);
  }

  public static void accessSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + ACCESS_SECONDS_AT, value);
  }

  public static void modificationSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + MODIFICATION_SECONDS_AT, value);
  }

  public static void changeSeconds(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + CHANGE_SECONDS_AT, value);
  }

  public static void accessNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + ACCESS_NANOS_AT, value);
  }

  public static void modificationNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + MODIFICATION_NANOS_AT, value);
  }

  public static void changeNanos(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + CHANGE_NANOS_AT, value);
  }

  public static void mode(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + MODE_AT, value);
  }

  public static void links(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + LINKS_AT, value);
  }

  public static void uid(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + UID_AT, value);
  }

  public static void gid(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + GID_AT, value);
  }

  public static void device(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + DEVICE_AT, value);
  }

  public static void blockSizeBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + BLOCK_SIZE_BYTES_AT, value);
  }

  public static void flags(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FLAGS_AT, value);
  }
}
