package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The tags of a descriptor block: the places in the filesystem of the copies that follow it in the
 * log, in their order. A cursor to read them with; reused.
 *
 * <pre>
 *          00                   04                  08                  0c
 * header   magic                1                   sequence
 * tag      block_lo             checksum|flags      [block_hi]          [- |]    8 to 14 bytes
 * tag v3   block_lo             flags               block_hi            checksum
 *          then 16 bytes of UUID unless flags say SAME_UUID
 * tail     checksum, in the last 4 bytes of the block
 * </pre>
 *
 * <p>block_hi is there with 64bit only, the two bytes behind it with checksums of version 2 only.
 */
public final class DescriptorTags {
  /** The copy was {@linkplain JournalHeader#escape escaped}. */
  public static final int FLAG_ESCAPED = 0x1;

  /** No UUID follows. */
  public static final int FLAG_SAME_UUID = 0x2;

  /** The block was deleted; never written. */
  public static final int FLAG_DELETED = 0x4;

  /** No tag follows. */
  public static final int FLAG_LAST = 0x8;

  static final int UUID_BYTES = 16;

  private final JournalFeatures features;
  private final int tagBytes;
  private final int endBytes;

  private MemorySegment block = MemorySegment.NULL;
  private long base;

  /** Where the current tag starts. */
  private int at;

  /** Where the next tag starts, or the end. */
  private int next;

  public DescriptorTags(JournalFeatures features, int blockSizeBytes) {
    this.features = features;
    tagBytes = features.tagBytes();
    endBytes = blockSizeBytes - features.tailBytes();
  }

  /** Starts in front of the first tag of a block. */
  public void begin(MemorySegment descriptor, long byteOffset) {
    block = descriptor;
    base = byteOffset;
    next = JournalHeader.SIZE_BYTES;
  }

  /**
   * Moves to the next tag.
   *
   * @return false if there is none
   */
  public boolean next() {
    if (next + tagBytes > endBytes) {
      return false;
    }
    at = next;
    if ((flags() & FLAG_LAST) != 0) {
      next = endBytes;
    } else {
      next = at + tagBytes + ((flags() & FLAG_SAME_UUID) != 0 ? 0 : UUID_BYTES);
    }
    return true;
  }

  /** The block in the filesystem that the copy is of. */
  public long blockNr() {
    long low = BigEndian.u32(block, base + at);
    return features.is64Bit() ? low | BigEndian.u32(block, base + at + 8) << 32 : low;
  }

  public int flags() {
    return features.checksumV3()
        ? BigEndian.i32(block, base + at + 4)
        : BigEndian.u16(block, base + at + 6);
  }

  public boolean isEscaped() {
    return (flags() & FLAG_ESCAPED) != 0;
  }

  /** {@link JournalChecksums#ofCopy} of the copy, where the journal has such checksums. */
  public int checksum() {
    return features.checksumV3()
        ? BigEndian.i32(block, base + at + 12)
        : BigEndian.u16(block, base + at + 4);
  }
}
