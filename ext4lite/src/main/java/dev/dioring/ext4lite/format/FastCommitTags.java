package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The tags of a block of the fast commits' part of a journal, which is little endian. A cursor to
 * read them with; reused.
 *
 * <pre>
 * 00 tag|length       then length bytes; the next tag follows
 * HEAD   features     transaction
 * TAIL   transaction  checksum, of all tags since the last tail but for this field
 * </pre>
 *
 * <p>No tag crosses the end of a block: PAD, or a long TAIL, fills it.
 */
public final class FastCommitTags {
  public static final int PAD = 7;
  public static final int TAIL = 8;
  public static final int HEAD = 9;

  private static final int TAG_BYTES = 4;

  private final int blockSizeBytes;
  private MemorySegment block = MemorySegment.NULL;
  private int at;
  private int next;

  public FastCommitTags(int blockSizeBytes) {
    this.blockSizeBytes = blockSizeBytes;
  }

  /** Starts in front of the first tag of a block. */
  public void begin(MemorySegment fastCommit) {
    block = fastCommit;
    next = 0;
  }

  /**
   * Moves to the next tag.
   *
   * @return false if there is none, or what follows does not stay within the block
   */
  public boolean next() {
    if (next + TAG_BYTES > blockSizeBytes) {
      return false;
    }
    at = next;
    if (at + TAG_BYTES + lengthBytes() > blockSizeBytes) {
      return false;
    }
    next = at + TAG_BYTES + lengthBytes();
    return tag() != 0;
  }

  public int tag() {
    return LittleEndian.u16(block, at);
  }

  /** Bytes behind tag and length. */
  public int lengthBytes() {
    return LittleEndian.u16(block, at + 2);
  }

  /** Whether it is a head of a transaction that has no features we do not know. */
  public boolean isHeadOf(int sequence) {
    return tag() == HEAD
        && lengthBytes() >= 2 * Integer.BYTES
        && LittleEndian.i32(block, at + TAG_BYTES) == 0
        && LittleEndian.i32(block, at + TAG_BYTES + 4) == sequence;
  }

  /**
   * Continues a checksum over this tag; over a tail's own, only up to the field that stores it.
   *
   * @param crc 0 behind a tail and at the start
   */
  public int updateChecksum(int crc) {
    int bytes = tag() == TAIL ? TAG_BYTES + Integer.BYTES : TAG_BYTES + lengthBytes();
    return Crc32c.update(crc, block, at, bytes);
  }

  /** Whether it is a tail of a transaction with this checksum. */
  public boolean isTailOf(int sequence, int crc) {
    return tag() == TAIL
        && lengthBytes() >= 2 * Integer.BYTES
        && LittleEndian.i32(block, at + TAG_BYTES) == sequence
        && LittleEndian.i32(block, at + TAG_BYTES + 4) == crc;
  }
}
