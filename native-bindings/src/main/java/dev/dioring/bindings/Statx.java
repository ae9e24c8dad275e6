package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;

import dev.dioring.bindings.generated.libc.LibcH;
import dev.dioring.bindings.generated.libc.statx;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** statx(2) on an open descriptor, with the direct-I/O alignment of Linux 6.1. */
public final class Statx {
  private static final LibcFunction STATX = LibcFunction.named("statx");

  private static final int FORMAT_MASK = LibcH.S_IFMT();

  private final MemorySegment segment;

  private Statx(MemorySegment segment) {
    this.segment = segment;
  }

  /**
   * Asks about an open descriptor.
   *
   * @throws NativeException if the kernel refuses
   */
  public static Statx of(Arena arena, int fd) {
    MemorySegment out = arena.allocate(statx.layout());
    int mask = LibcH.STATX_BASIC_STATS() | LibcH.STATX_DIOALIGN();
    int result =
        STATX.callInt(
            fd, addressOf(arena.allocateFrom("")), LibcH.AT_EMPTY_PATH(), mask, addressOf(out));
    if (result < 0) {
      throw new NativeException("statx", -result);
    }
    return new Statx(out);
  }

  public boolean isRegularFile() {
    return format() == LibcH.S_IFREG();
  }

  public boolean isBlockDevice() {
    return format() == LibcH.S_IFBLK();
  }

  public boolean isDirectory() {
    return format() == LibcH.S_IFDIR();
  }

  public long sizeBytes() {
    return statx.stx_size(segment);
  }

  public long inode() {
    return statx.stx_ino(segment);
  }

  /** The device the file lies on, as "major:minor". */
  public String device() {
    return statx.stx_dev_major(segment) + ":" + statx.stx_dev_minor(segment);
  }

  /** The device a device file stands for, as "major:minor". */
  public String representedDevice() {
    return statx.stx_rdev_major(segment) + ":" + statx.stx_rdev_minor(segment);
  }

  /** Whether the kernel and the file system told about direct I/O at all. */
  public boolean hasDirectIoAlignment() {
    return (statx.stx_mask(segment) & LibcH.STATX_DIOALIGN()) != 0;
  }

  /** Alignment of memory for direct I/O; 0 if the file does not support it. */
  public int memoryAlignmentBytes() {
    return statx.stx_dio_mem_align(segment);
  }

  /** Alignment of offsets and lengths for direct I/O; 0 if the file does not support it. */
  public int offsetAlignmentBytes() {
    return statx.stx_dio_offset_align(segment);
  }

  private int format() {
    return Short.toUnsignedInt(statx.stx_mode(segment)) & FORMAT_MASK;
  }
}
