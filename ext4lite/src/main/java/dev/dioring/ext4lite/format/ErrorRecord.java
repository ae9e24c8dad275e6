package dev.dioring.ext4lite.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What the superblock says of errors: how many there were, the first one and the last.
 *
 * <pre>
 * 194 error_count
 * 198 first_error: time, inode, block[8], 1a8 function[32], line
 * 1cc last_error:  time, inode, line, block[8], 1e0 function[32]
 * 278 upper bytes of both times, what kind both were
 * </pre>
 */
public final class ErrorRecord {
  /** {@link #add}: reading or writing failed. */
  public static final int IO = 2;

  /** {@link #add}: a checksum is wrong. */
  public static final int CHECKSUM = 4;

  /** {@link #add}: a structure is corrupt. */
  public static final int CORRUPT = 5;

  private static final int START = 0x194;
  private static final int END = 0x200;
  private static final int FIRST = 0x198;
  private static final int FIRST_FUNCTION = 0x1a8;
  private static final int FIRST_LINE = 0x1c8;
  private static final int LAST = 0x1cc;
  private static final int LAST_FUNCTION = 0x1e0;
  private static final int FUNCTION_BYTES = 32;
  private static final int FIRST_SECONDS_HIGH = 0x278;
  private static final int LAST_SECONDS_HIGH = 0x279;
  private static final int FIRST_CODE = 0x27a;
  private static final int LAST_CODE = 0x27b;

  private final MemorySegment memory;
  private final long base;

  /** Views the part of a superblock that lies at {@code base} of {@code memory}. */
  ErrorRecord(MemorySegment memory, long base) {
    this.memory = memory;
    this.base = base;
  }

  /** Errors since the last check. */
  public long count() {
    return LittleEndian.u32(memory, base + START);
  }

  /**
   * Counts an error, and records it as the last one, and as the first if it is.
   *
   * @param code what kind, {@link #IO} or its like
   * @param where part of the program, or what is corrupt; ASCII
   * @param inodeNr the inode concerned, or 0
   * @param blockNr the block concerned, or 0
   */
  public void add(long seconds, int code, String where, long inodeNr, long blockNr) {
    if (count() == 0) {
      LittleEndian.put32(memory, base + FIRST, seconds);
      LittleEndian.put32(memory, base + FIRST + 4, inodeNr);
      LittleEndian.put64(memory, base + FIRST + 8, blockNr);
      putFunction(FIRST_FUNCTION, where);
      LittleEndian.put32(memory, base + FIRST_LINE, 0);
      LittleEndian.put8(memory, base + FIRST_SECONDS_HIGH, (int) (seconds >>> 32));
      LittleEndian.put8(memory, base + FIRST_CODE, code);
    }
    LittleEndian.put32(memory, base + LAST, seconds);
    LittleEndian.put32(memory, base + LAST + 4, inodeNr);
    LittleEndian.put32(memory, base + LAST + 8, 0);
    LittleEndian.put64(memory, base + LAST + 12, blockNr);
    putFunction(LAST_FUNCTION, where);
    LittleEndian.put8(memory, base + LAST_SECONDS_HIGH, (int) (seconds >>> 32));
    LittleEndian.put8(memory, base + LAST_CODE, code);
    LittleEndian.put32(memory, base + START, count() + 1);
  }

  /**
   * Takes the record of another copy. It is written in place, so that what a log holds of it may be
   * older.
   */
  public void copyFrom(ErrorRecord other) {
    MemorySegment.copy(other.memory, other.base + START, memory, base + START, END - START);
    MemorySegment.copy(
        other.memory, other.base + FIRST_SECONDS_HIGH, memory, base + FIRST_SECONDS_HIGH, 4);
  }

  private void putFunction(int offset, String where) {
    byte[] name = Arrays.copyOf(where.getBytes(US_ASCII), FUNCTION_BYTES);
    MemorySegment.copy(name, 0, memory, JAVA_BYTE, base + offset, FUNCTION_BYTES);
  }
}
