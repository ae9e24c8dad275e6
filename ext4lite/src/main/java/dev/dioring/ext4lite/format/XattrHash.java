package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/** The hash of an attribute's name and value, which its entry stores. */
public final class XattrHash {
  private static final int NAME_SHIFT = 5;
  private static final int VALUE_SHIFT = 16;

  private XattrHash() {}

  /**
   * Whether an entry's hash is that of its name and value. Depending on the processor that wrote
   * it, the bytes of the name count as signed or unsigned; both are right.
   *
   * @param value the value, padded with zeroes to a multiple of 4 bytes
   */
  public static boolean matches(MemorySegment memory, long entry, MemorySegment value) {
    int stored = XattrEntry.hash(memory, entry);
    return stored == 0
        || stored == overValue(ofName(memory, entry, false), value)
        || stored == overValue(ofName(memory, entry, true), value);
  }

  /** The same for a value in an inode of its own, whose hash stands in for it. */
  public static boolean matches(MemorySegment memory, long entry, int valueHash) {
    int stored = XattrEntry.hash(memory, entry);
    return stored == 0
        || stored == overWord(ofName(memory, entry, false), valueHash)
        || stored == overWord(ofName(memory, entry, true), valueHash);
  }

  /**
   * The hash of an entry that was written.
   *
   * @param value the value, padded with zeroes to a multiple of 4 bytes
   */
  public static int of(MemorySegment memory, long entry, MemorySegment value) {
    return overValue(ofName(memory, entry, false), value);
  }

  /** The hash of an entry whose value lies in an inode of its own, and has a hash itself. */
  public static int of(byte[] name, int valueHash) {
    int hash = 0;
    for (byte b : name) {
      hash = Integer.rotateLeft(hash, NAME_SHIFT) ^ (b & 0xff);
    }
    return overWord(hash, valueHash);
  }

  private static int ofName(MemorySegment memory, long entry, boolean signed) {
    int hash = 0;
    int length = XattrEntry.nameBytes(memory, entry);
    for (int i = 0; i < length; i++) {
      int c = LittleEndian.u8(memory, entry + XattrEntry.NAME_OFFSET + i);
      hash = Integer.rotateLeft(hash, NAME_SHIFT) ^ (signed ? (byte) c : c);
    }
    return hash;
  }

  private static int overValue(int hash, MemorySegment value) {
    int next = hash;
    for (long at = 0; at < value.byteSize(); at += Integer.BYTES) {
      next = overWord(next, LittleEndian.i32(value, at));
    }
    return next;
  }

  private static int overWord(int hash, int word) {
    return Integer.rotateLeft(hash, VALUE_SHIFT) ^ word;
  }
}
