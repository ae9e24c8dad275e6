package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.dioring.bindings.generated.fuse.fuse_statx;
import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.MemorySegment;

/** What statx tells. It lies at an offset in memory. */
public final class Stat {
  public static final int BYTES = (int) fuse_statx.sizeof();

  /** Where in it the atime lies. */
  public static final long ACCESS = fuse_statx.atime$offset();

  /** Where in it the btime lies. */
  public static final long CREATION = fuse_statx.btime$offset();

  /** Where in it the ctime lies. */
  public static final long CHANGE = fuse_statx.ctime$offset();

  /** Where in it the mtime lies. */
  public static final long MODIFICATION = fuse_statx.mtime$offset();

  /** Bits of the mask: what stat tells, and the btime. */
  public static final int BASIC = LibcH.STATX_BASIC_STATS();

  public static final int BTIME = LibcH.STATX_BTIME();

  /** The attributes that ext4 has, which are bits of i_flags in the same places. */
  public static final int ATTRIBUTES =
      LibcH.STATX_ATTR_COMPRESSED()
          | LibcH.STATX_ATTR_IMMUTABLE()
          | LibcH.STATX_ATTR_APPEND()
          | LibcH.STATX_ATTR_NODUMP()
          | LibcH.STATX_ATTR_ENCRYPTED()
          | LibcH.STATX_ATTR_VERITY();

  private static final long MASK_AT = fuse_statx.mask$offset();
  private static final long BLOCK_SIZE_BYTES_AT = fuse_statx.blksize$offset();
  private static final long ATTRIBUTES_AT = fuse_statx.attributes$offset();
  private static final long LINKS_AT = fuse_statx.nlink$offset();
  private static final long UID_AT = fuse_statx.uid$offset();
  private static final long GID_AT = fuse_statx.gid$offset();
  private static final long MODE_AT = fuse_statx.mode$offset();
  private static final long INODE_NR_AT = fuse_statx.ino$offset();
  private static final long SIZE_BYTES_AT = fuse_statx.size$offset();
  private static final long SECTORS_AT = fuse_statx.blocks$offset();
  private static final long ATTRIBUTES_MASK_AT = fuse_statx.attributes_mask$offset();
  private static final long DEVICE_MAJOR_AT = fuse_statx.rdev_major$offset();
  private static final long DEVICE_MINOR_AT = fuse_statx.rdev_minor$offset();

  private Stat() {}

  public static void mask(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + MASK_AT, value);
  }

  public static void blockSizeBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + BLOCK_SIZE_BYTES_AT, value);
  }

  public static void attributes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + ATTRIBUTES_AT, value);
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

  public static void mode(MemorySegment memory, long at, int value) {
    memory.set(JAVA_SHORT, at + MODE_AT, (short) value);
  }

  public static void inodeNr(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + INODE_NR_AT, value);
  }

  public static void sizeBytes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + SIZE_BYTES_AT, value);
  }

  public static void sectors(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + SECTORS_AT, value);
  }

  public static void attributesMask(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + ATTRIBUTES_MASK_AT, value);
  }

  public static void deviceMajor(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + DEVICE_MAJOR_AT, value);
  }

  public static void deviceMinor(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + DEVICE_MINOR_AT, value);
  }
}
