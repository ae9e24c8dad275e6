package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * Fills descriptor blocks, which {@link DescriptorTags} shows and reads. Reused. The UUID behind
 * the first tag stays zero, as other implementations leave it: no reader looks at it.
 */
public final class DescriptorWriter {
  private final JournalFeatures features;
  private final JournalChecksums checksums;
  private final int blockSizeBytes;

  private MemorySegment block = MemorySegment.NULL;
  private long base;

  /** Where the last tag starts, and where the next one will. */
  private int last;

  private int at;

  public DescriptorWriter(JournalSuperblock superblock) {
    features = superblock.features();
    checksums = JournalChecksums.of(superblock);
    blockSizeBytes = (int) superblock.blockSizeBytes();
  }

  /** Starts a block over what was there. */
  public void begin(MemorySegment descriptor, long byteOffset, int sequence) {
    block = descriptor;
    base = byteOffset;
    block.asSlice(base, blockSizeBytes).fill((byte) 0);
    JournalHeader.put(block, base, JournalHeader.DESCRIPTOR, sequence);
    at = JournalHeader.SIZE_BYTES;
    last = 0;
  }

  /** Tags that fit one block. */
  public int tagsMax() {
    int forTags =
        blockSizeBytes
            - JournalHeader.SIZE_BYTES
            - DescriptorTags.UUID_BYTES
            - features.tailBytes();
    return forTags / features.tagBytes();
  }

  /** Whether another tag fits. */
  public boolean hasRoom() {
    int uuidBytes = last == 0 ? DescriptorTags.UUID_BYTES : 0;
    return at + features.tagBytes() + uuidBytes <= blockSizeBytes - features.tailBytes();
  }

  /**
   * Adds a tag, for which there must be room.
   *
   * @param escaped whether the copy in the log is {@linkplain JournalHeader#escape escaped}
   * @param checksum {@link JournalChecksums#ofCopy} of the copy; unused where there is none
   */
  public void add(long blockNr, boolean escaped, int checksum) {
    if (!hasRoom()) {
      throw new IllegalStateException("the descriptor block is full");
    }
    boolean first = last == 0;
    last = at;
    BigEndian.put32(block, base + at, blockNr);
    if (features.is64Bit()) {
      BigEndian.put32(block, base + at + 8, blockNr >>> 32);
    }
    if (features.checksumV3()) {
      BigEndian.put32(block, base + at + 12, checksum);
    } else if (features.checksumV2()) {
      BigEndian.put16(block, base + at + 4, checksum);
    }
    putFlags(
        (escaped ? DescriptorTags.FLAG_ESCAPED : 0) | (first ? 0 : DescriptorTags.FLAG_SAME_UUID));
    at += features.tagBytes();
    if (first) {
      at += DescriptorTags.UUID_BYTES;
    }
  }

  /** Ends the block, which must have a tag. */
  public void end() {
    if (last == 0) {
      throw new IllegalStateException("a descriptor block without a tag");
    }
    putFlags(flags() | DescriptorTags.FLAG_LAST);
    checksums.updateTail(block, base);
  }

  private int flags() {
    return features.checksumV3()
        ? BigEndian.i32(block, base + last + 4)
        : BigEndian.u16(block, base + last + 6);
  }

  private void putFlags(int flags) {
    if (features.checksumV3()) {
      BigEndian.put32(block, base + last + 4, flags);
    } else {
      BigEndian.put16(block, base + last + 6, flags);
    }
  }
}
