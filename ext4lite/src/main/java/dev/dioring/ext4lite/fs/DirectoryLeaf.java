package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.DirectoryEntry;
import java.lang.foreign.MemorySegment;

/**
 * The entries of one block of a directory, and their changes. The entry that holds a checksum at
 * the end of the block is none of them.
 */
final class DirectoryLeaf {
  /** Not found. */
  static final int NONE = -1;

  private final int blockSizeBytes;
  private final int endBytes;

  /**
   * Works on blocks of one kind.
   *
   * @param checksummed whether leaves end in a checksum
   */
  DirectoryLeaf(int blockSizeBytes, boolean checksummed) {
    this.blockSizeBytes = blockSizeBytes;
    endBytes = blockSizeBytes - (checksummed ? DirectoryEntry.TAIL_BYTES : 0);
  }

  /** Where the entries end. */
  int endBytes() {
    return endBytes;
  }

  int recordBytes(MemorySegment block, int entry) {
    return DirectoryEntry.recordBytes(block, entry, blockSizeBytes);
  }

  /** Where the entry of a name starts, or {@link #NONE}. */
  int find(MemorySegment block, byte[] name) {
    for (int at = 0; at < endBytes; at += recordBytes(block, at)) {
      if (DirectoryEntry.inodeNr(block, at) != 0 && DirectoryEntry.isNamed(block, at, name)) {
        return at;
      }
    }
    return NONE;
  }

  /** The same where case is ignored, of names that are surely equal. */
  int findFolded(MemorySegment block, byte[] name) {
    for (int at = 0; at < endBytes; at += recordBytes(block, at)) {
      if (DirectoryEntry.inodeNr(block, at) != 0
          && CaseFolding.equalSurely(DirectoryEntry.name(block, at), name)) {
        return at;
      }
    }
    return NONE;
  }

  /** Whether all names are of ASCII. */
  boolean isAscii(MemorySegment block) {
    for (int at = 0; at < endBytes; at += recordBytes(block, at)) {
      if (DirectoryEntry.inodeNr(block, at) != 0
          && !CaseFolding.isAscii(DirectoryEntry.name(block, at))) {
        return false;
      }
    }
    return true;
  }

  /** The record that has room for an entry with a name of this length, or {@link #NONE}. */
  int findRoom(MemorySegment block, int nameBytes) {
    int wanted = DirectoryEntry.recordBytesFor(nameBytes);
    for (int at = 0; at < endBytes; at += recordBytes(block, at)) {
      if (recordBytes(block, at) - usedBytes(block, at) >= wanted) {
        return at;
      }
    }
    return NONE;
  }

  /** Puts an entry into the record that {@link #findRoom} found. */
  void insert(MemorySegment block, int room, byte[] name, long inodeNr, int typeCode) {
    int record = recordBytes(block, room);
    int used = usedBytes(block, room);
    if (used > 0) {
      DirectoryEntry.recordBytes(block, room, used, blockSizeBytes);
    }
    DirectoryEntry.write(
        block, room + used, inodeNr, record - used, name, typeCode, blockSizeBytes);
  }

  /** Removes an entry: the one before it in the block takes its record. */
  void remove(MemorySegment block, int entry) {
    int before = NONE;
    for (int at = 0; at < entry; at += recordBytes(block, at)) {
      before = at;
    }
    if (before == NONE) {
      DirectoryEntry.inodeNr(block, entry, 0);
      return;
    }
    int joined = recordBytes(block, before) + recordBytes(block, entry);
    DirectoryEntry.inodeNr(block, entry, 0);
    DirectoryEntry.recordBytes(block, before, joined, blockSizeBytes);
  }

  /** Whether there are no names but those of the dots. */
  boolean isEmpty(MemorySegment block) {
    long end = Math.min(endBytes, block.byteSize());
    for (int at = 0; at < end; at += recordBytes(block, at)) {
      if (DirectoryEntry.inodeNr(block, at) != 0
          && !DirectoryEntry.isNamed(block, at, DirectoryLookup.DOT)
          && !DirectoryEntry.isNamed(block, at, DirectoryLookup.DOT_DOT)) {
        return false;
      }
    }
    return true;
  }

  /** Makes a block one unused entry. */
  void clear(MemorySegment block) {
    block.fill((byte) 0);
    DirectoryEntry.writeUnused(block, 0, endBytes, blockSizeBytes);
    if (endBytes < blockSizeBytes) {
      DirectoryEntry.writeTail(block, blockSizeBytes);
    }
  }

  /** The two entries that a directory's first block starts with. */
  void writeDots(MemorySegment block, long inodeNr, long parentNr, int typeCode) {
    clear(block);
    int dot = DirectoryEntry.RECORD_MIN_BYTES;
    DirectoryEntry.write(block, 0, inodeNr, dot, DirectoryLookup.DOT, typeCode, blockSizeBytes);
    DirectoryEntry.write(
        block, dot, parentNr, endBytes - dot, DirectoryLookup.DOT_DOT, typeCode, blockSizeBytes);
  }

  private int usedBytes(MemorySegment block, int entry) {
    return DirectoryEntry.inodeNr(block, entry) == 0
        ? 0
        : DirectoryEntry.recordBytesFor(DirectoryEntry.nameBytes(block, entry));
  }
}
