package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * A directory that lies in its inode. It has no entries "." and "..".
 *
 * <pre>
 * i_block       00 inode of ".."   04 entries, the last one reaching to the end of i_block
 * system.data   00 entries, the last one reaching to the end of the value
 * </pre>
 */
public final class InlineDirectory {
  /** Size of the parent's inode number, in front of the entries. */
  public static final int PARENT_BYTES = 4;

  /** Size of the entries in i_block. */
  public static final int FIRST_BYTES = Inode.BLOCK_BYTES - PARENT_BYTES;

  private static final int DOTS_BYTES = 2 * DirectoryEntry.RECORD_MIN_BYTES;

  private InlineDirectory() {}

  /** The inode of "..". */
  public static long parentInodeNr(Inode inode) {
    return inode.blockWord(0);
  }

  public static void parentInodeNr(Inode inode, long parentNr) {
    inode.blockWord(0, parentNr);
  }

  /**
   * Puts all entries into one run of memory, in front of them "." and "..".
   *
   * @param rest the value of system.data, checked like the entries in i_block
   */
  public static MemorySegment flatten(Inode inode, long inodeNr, byte[] rest) {
    MemorySegment all = MemorySegment.ofArray(new byte[DOTS_BYTES + FIRST_BYTES + rest.length]);
    dots(all, 0, inodeNr, 1);
    dots(all, DirectoryEntry.RECORD_MIN_BYTES, parentInodeNr(inode), 2);
    MemorySegment.copy(
        inode.memory(),
        inode.byteOffset() + Inode.BLOCK_OFFSET + PARENT_BYTES,
        all,
        DOTS_BYTES,
        FIRST_BYTES);
    MemorySegment.copy(MemorySegment.ofArray(rest), 0, all, DOTS_BYTES + FIRST_BYTES, rest.length);
    return all;
  }

  private static void dots(MemorySegment memory, long at, long inodeNr, int count) {
    LittleEndian.put32(memory, at, inodeNr);
    LittleEndian.put16(memory, at + 4, DirectoryEntry.RECORD_MIN_BYTES);
    LittleEndian.put8(memory, at + 6, count);
    LittleEndian.put8(memory, at + 7, FileKind.DIRECTORY.entryCode());
    for (int i = 0; i < count; i++) {
      LittleEndian.put8(memory, at + DirectoryEntry.NAME_OFFSET + i, '.');
    }
  }
}
