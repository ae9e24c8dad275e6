package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The tags of a block of the fast commits' part of a journal, which is little endian. A cursor to
 * read them with; reused.
 *
 * <pre>
 * 00 tag|length       then length bytes; the next tag follows
 * ADD_RANGE  inode    an entry of a leaf of an extent tree
 * DEL_RANGE  inode    file block   blocks
 * CREAT, LINK, UNLINK directory    inode   name
 * INODE      inode    its fields, or all of it if it holds content
 * HEAD       features transaction
 * TAIL    transaction checksum, of all tags since the last tail but for this field
 * </pre>
 *
 * <p>No tag crosses the end of a block: PAD, or a long TAIL, fills it.
 */
public final class FastCommitTags {
  public static final int ADD_RANGE = 1;
  public static final int DEL_RANGE = 2;
  public static final int CREAT = 3;
  public static final int LINK = 4;
  public static final int UNLINK = 5;
  public static final int INODE = 6;
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

  /** Whether the length of this tag is one that its kind can have. */
  public boolean isWellFormed() {
    int length = lengthBytes();
    return switch (tag()) {
      case ADD_RANGE -> length >= Integer.BYTES + ExtentNode.ENTRY_BYTES;
      case DEL_RANGE -> length >= 3 * Integer.BYTES;
      case CREAT, LINK, UNLINK ->
          length > 2 * Integer.BYTES && length <= 2 * Integer.BYTES + DirectoryEntry.NAME_MAX_BYTES;
      case INODE -> length >= Integer.BYTES + Inode.BASE_BYTES;
      default -> tag() <= HEAD;
    };
  }

  /** The inode that a range or record belongs to, or that a name leads to. */
  public long inodeNr() {
    boolean named = tag() == CREAT || tag() == LINK || tag() == UNLINK;
    return LittleEndian.u32(block, at + TAG_BYTES + (named ? Integer.BYTES : 0));
  }

  /** The directory of a name. */
  public long parentInodeNr() {
    return LittleEndian.u32(block, at + TAG_BYTES);
  }

  /** A name; a copy. */
  public byte[] name() {
    return block
        .asSlice(at + TAG_BYTES + 2 * Integer.BYTES, lengthBytes() - 2 * Integer.BYTES)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** An inode's fields; a copy. */
  public byte[] inodeFields() {
    return block
        .asSlice(at + TAG_BYTES + Integer.BYTES, lengthBytes() - Integer.BYTES)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** The first file block of a range. */
  public long fileBlockNr() {
    return LittleEndian.u32(block, at + TAG_BYTES + Integer.BYTES);
  }

  /** The length of a range. */
  public long lengthBlocks() {
    return tag() == DEL_RANGE
        ? LittleEndian.u32(block, at + TAG_BYTES + 2 * Integer.BYTES)
        : ExtentNode.lengthBlocks(block, extentBase(), 0);
  }

  /** Where an added range lies on the volume. */
  public long startBlockNr() {
    return ExtentNode.startBlockNr(block, extentBase(), 0);
  }

  /** Whether an added range reads as zeroes. */
  public boolean isUnwritten() {
    return ExtentNode.unwritten(block, extentBase(), 0);
  }

  /** Where the node would start that has the range as its first entry. */
  private long extentBase() {
    return at + TAG_BYTES + Integer.BYTES - ExtentNode.entryOffset(0);
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
