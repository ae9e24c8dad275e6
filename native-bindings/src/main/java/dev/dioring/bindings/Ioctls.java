package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** ioctl(2) of block devices. Failures are {@code -errno}. */
public final class Ioctls {
  private static final LibcFunction IOCTL = LibcFunction.named("ioctl");

  private Ioctls() {}

  /** Capacity of a block device in bytes. */
  public static long blockDeviceSizeBytes(int fd) {
    return get(fd, LibcH.BLKGETSIZE64(), Long.BYTES);
  }

  /** Logical sector size of a block device in bytes. */
  public static int logicalSectorBytes(int fd) {
    return (int) get(fd, LibcH.BLKSSZGET(), Integer.BYTES);
  }

  /** Physical sector size of a block device in bytes. */
  public static int physicalSectorBytes(int fd) {
    return (int) get(fd, LibcH.BLKPBSZGET(), Integer.BYTES);
  }

  /** Whether a block device refuses writes: 1 or 0. */
  public static int isReadOnly(int fd) {
    return (int) get(fd, LibcH.BLKROGET(), Integer.BYTES);
  }

  /** Discards a range of a block device. Blocks. */
  public static int discard(int fd, long byteOffset, long lengthBytes) {
    return range(fd, LibcH.BLKDISCARD(), byteOffset, lengthBytes);
  }

  /** Zeroes a range of a block device. Blocks. */
  public static int zeroOut(int fd, long byteOffset, long lengthBytes) {
    return range(fd, LibcH.BLKZEROOUT(), byteOffset, lengthBytes);
  }

  private static long get(int fd, long request, int resultBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int result = ioctl(fd, request, out);
      if (result < 0) {
        return result;
      }
      return resultBytes == Long.BYTES
          ? out.get(JAVA_LONG, 0)
          : Integer.toUnsignedLong(out.get(JAVA_INT, 0));
    }
  }

  private static int range(int fd, long request, long byteOffset, long lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      return ioctl(fd, request, arena.allocateFrom(JAVA_LONG, byteOffset, lengthBytes));
    }
  }

  private static int ioctl(int fd, long request, MemorySegment argument) {
    return IOCTL.callInt(fd, request, addressOf(argument));
  }
}
