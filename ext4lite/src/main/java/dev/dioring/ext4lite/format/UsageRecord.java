package dev.dioring.ext4lite.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What the superblock says of the volume's past: when it was made, mounted and written, where and
 * how often. Times are seconds since 1970.
 *
 * <pre>
 * 02c mtime, wtime, 034 mnt_count  088 last_mounted[64]  108 mkfs_time  178 kbytes_written[8]
 * 274 upper bytes of wtime, mtime, mkfs_time
 * </pre>
 */
public final class UsageRecord {
  private static final int MOUNT_TIME = 0x2c;
  private static final int WRITE_TIME = 0x30;
  private static final int MOUNT_COUNT = 0x34;
  private static final int LAST_MOUNTED = 0x88;
  private static final int LAST_MOUNTED_BYTES = 64;
  private static final int MKFS_TIME = 0x108;
  private static final int KILOBYTES_WRITTEN = 0x178;
  private static final int WRITE_TIME_HIGH = 0x274;
  private static final int MOUNT_TIME_HIGH = 0x275;
  private static final int MKFS_TIME_HIGH = 0x276;

  private final MemorySegment memory;
  private final long base;

  /** Views the part of a superblock that lies at {@code base} of {@code memory}. */
  UsageRecord(MemorySegment memory, long base) {
    this.memory = memory;
    this.base = base;
  }

  public long mkfsTime() {
    return time(MKFS_TIME, MKFS_TIME_HIGH);
  }

  public void mountTime(long seconds) {
    time(MOUNT_TIME, MOUNT_TIME_HIGH, seconds);
  }

  public long writeTime() {
    return time(WRITE_TIME, WRITE_TIME_HIGH);
  }

  public void writeTime(long seconds) {
    time(WRITE_TIME, WRITE_TIME_HIGH, seconds);
  }

  /** Mounts since the last check. */
  public int mountCount() {
    return LittleEndian.u16(memory, base + MOUNT_COUNT);
  }

  public void mountCount(int count) {
    LittleEndian.put16(memory, base + MOUNT_COUNT, count);
  }

  /** Stores where it is mounted, as much as there is room for; the last byte stays 0. */
  public void lastMounted(String directory) {
    byte[] field = Arrays.copyOf(directory.getBytes(UTF_8), LAST_MOUNTED_BYTES);
    field[LAST_MOUNTED_BYTES - 1] = 0;
    MemorySegment.copy(field, 0, memory, JAVA_BYTE, base + LAST_MOUNTED, LAST_MOUNTED_BYTES);
  }

  public long kilobytesWritten() {
    return LittleEndian.i64(memory, base + KILOBYTES_WRITTEN);
  }

  public void kilobytesWritten(long kilobytes) {
    LittleEndian.put64(memory, base + KILOBYTES_WRITTEN, kilobytes);
  }

  private long time(int low, int high) {
    return LittleEndian.u32(memory, base + low) | (long) LittleEndian.u8(memory, base + high) << 32;
  }

  private void time(int low, int high, long seconds) {
    LittleEndian.put32(memory, base + low, seconds);
    LittleEndian.put8(memory, base + high, (int) (seconds >>> 32));
  }
}
