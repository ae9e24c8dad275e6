package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * An entry of a directory block. Entries follow one another by their record lengths; the last one
 * reaches to the end of the block. An entry with inode 0 is unused.
 *
 * <pre>
 * 0 inode   4 rec_len   6 name_len   7 file_type   8 name[name_len], padded to 4 bytes
 * </pre>
 *
 * <p>Without the filetype feature name_len has 16 bits. Where blocks have metadata checksums, a
 * leaf ends in an entry of 12 bytes with inode 0, name_len 0, type de and the checksum as its name.
 */
public final class DirectoryEntry {
  /** Where the name starts. */
  public static final int NAME_OFFSET = 8;

  /** Shortest record: a name of one to four bytes. */
  public static final int RECORD_MIN_BYTES = 12;

  public static final int NAME_MAX_BYTES = 255;

  /** Size of the entry that holds the checksum. */
  public static final int TAIL_BYTES = 12;

  private static final int TAIL_TYPE = 0xde;
  private static final int TAIL_CHECKSUM_OFFSET = 8;
  private static final int BLOCK_64K = 1 << 16;
  private static final int RECORD_WHOLE_64K = 0xffff;

  private DirectoryEntry() {}

  /** The inode named, 0 in an unused entry. */
  public static long inodeNr(MemorySegment block, long entry) {
    return LittleEndian.u32(block, entry);
  }

  /** Distance to the next entry. In blocks of 64 KiB the two lowest bits count 64 KiB. */
  public static int recordBytes(MemorySegment block, long entry, int blockSizeBytes) {
    return recordBytes(LittleEndian.u16(block, entry + 4), blockSizeBytes);
  }

  private static int recordBytes(int raw, int blockSizeBytes) {
    if (blockSizeBytes < BLOCK_64K) {
      return raw;
    }
    if (raw == RECORD_WHOLE_64K || raw == 0) {
      return blockSizeBytes;
    }
    return (raw & ~3) | ((raw & 3) << 16);
  }

  /** As {@link #inodeNr(MemorySegment, long)}, of a copy of the block. */
  public static long inodeNr(byte[] block, int entry) {
    return LittleEndian.u32(block, entry);
  }

  /** As {@link #recordBytes(MemorySegment, long, int)}, of a copy of the block. */
  public static int recordBytes(byte[] block, int entry, int blockSizeBytes) {
    return recordBytes(LittleEndian.u16(block, entry + 4), blockSizeBytes);
  }

  /** As {@link #nameBytes(MemorySegment, long)}, of a copy of the block. */
  public static int nameBytes(byte[] block, int entry) {
    return block[entry + 6] & 0xff;
  }

  /** As {@link #typeCode(MemorySegment, long)}, of a copy of the block. */
  public static int typeCode(byte[] block, int entry) {
    return block[entry + 7] & 0xff;
  }

  /** Length of the name; 8 bits of it, as no name is longer. */
  public static int nameBytes(MemorySegment block, long entry) {
    return LittleEndian.u8(block, entry + 6);
  }

  /** Code of the kind of file, or, without the filetype feature, high byte of the name length. */
  public static int typeCode(MemorySegment block, long entry) {
    return LittleEndian.u8(block, entry + 7);
  }

  public static byte[] name(MemorySegment block, long entry) {
    return LittleEndian.bytes(block, entry + NAME_OFFSET, nameBytes(block, entry));
  }

  /** Whether the entry has this name. */
  public static boolean isNamed(MemorySegment block, long entry, byte[] name) {
    if (nameBytes(block, entry) != name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if ((byte) LittleEndian.u8(block, entry + NAME_OFFSET + i) != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** Bytes a record with a name of this length needs. */
  public static int recordBytesFor(int nameBytes) {
    return (NAME_OFFSET + nameBytes + 3) & ~3;
  }

  /** Whether what lies at {@code entry} is the entry that holds a block's checksum. */
  public static boolean isTail(MemorySegment block, long entry) {
    return inodeNr(block, entry) == 0
        && LittleEndian.u16(block, entry + 4) == TAIL_BYTES
        && nameBytes(block, entry) == 0
        && typeCode(block, entry) == TAIL_TYPE;
  }

  /** Lets an entry name another inode, or none. */
  public static void inodeNr(MemorySegment block, long entry, long inodeNr) {
    LittleEndian.put32(block, entry, inodeNr);
  }

  /** Sets the distance to the next entry. */
  public static void recordBytes(
      MemorySegment block, long entry, int recordBytes, int blockSizeBytes) {
    int raw = recordBytes;
    if (blockSizeBytes == BLOCK_64K) {
      raw =
          recordBytes == BLOCK_64K
              ? RECORD_WHOLE_64K
              : (recordBytes & 0xfffc) | ((recordBytes >>> 16) & 3);
    }
    LittleEndian.put16(block, entry + 4, raw);
  }

  /** Sets the code of the kind of file; 0 without the filetype feature. */
  public static void typeCode(MemorySegment block, long entry, int code) {
    LittleEndian.put8(block, entry + 7, code);
  }

  /** Writes an entry; what is left of its record is not touched. */
  public static void write(
      MemorySegment block,
      long entry,
      long inodeNr,
      int recordBytes,
      byte[] name,
      int typeCode,
      int blockSizeBytes) {
    inodeNr(block, entry, inodeNr);
    recordBytes(block, entry, recordBytes, blockSizeBytes);
    LittleEndian.put8(block, entry + 6, name.length);
    typeCode(block, entry, typeCode);
    MemorySegment.copy(MemorySegment.ofArray(name), 0, block, entry + NAME_OFFSET, name.length);
  }

  /** Writes an unused entry. */
  public static void writeUnused(
      MemorySegment block, long entry, int recordBytes, int blockSizeBytes) {
    inodeNr(block, entry, 0);
    recordBytes(block, entry, recordBytes, blockSizeBytes);
    LittleEndian.put16(block, entry + 6, 0);
  }

  /** Writes the entry that holds a leaf's checksum, at the end of the block. */
  public static void writeTail(MemorySegment block, int blockSizeBytes) {
    long tail = (long) blockSizeBytes - TAIL_BYTES;
    LittleEndian.put32(block, tail, 0);
    LittleEndian.put16(block, tail + 4, TAIL_BYTES);
    LittleEndian.put8(block, tail + 6, 0);
    LittleEndian.put8(block, tail + 7, TAIL_TYPE);
    LittleEndian.put32(block, tail + TAIL_CHECKSUM_OFFSET, 0);
  }

  /** Stores the checksum of a leaf, which ends in an entry for it. */
  public static void updateTail(MemorySegment block, int blockSizeBytes, int inodeSeed) {
    long tail = (long) blockSizeBytes - TAIL_BYTES;
    int crc = Crc32c.update(inodeSeed, block, 0, tail);
    LittleEndian.put32(block, tail + TAIL_CHECKSUM_OFFSET, crc);
  }

  static int tailChecksum(MemorySegment block, long tail) {
    return LittleEndian.i32(block, tail + TAIL_CHECKSUM_OFFSET);
  }
}
