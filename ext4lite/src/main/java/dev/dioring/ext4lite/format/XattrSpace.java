package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The space between an inode's fields and its end. Attributes lie there behind a magic number; the
 * layout is that of {@link XattrEntry}. Where it has no room for the end of a list, nothing does.
 */
public final class XattrSpace {
  private static final int HEADER_BYTES = 4;
  private static final int LIST_END_BYTES = 4;

  private final MemorySegment memory;
  private final long header;
  private final long end;

  private XattrSpace(MemorySegment memory, long header, long end) {
    this.memory = memory;
    this.header = header;
    this.end = end;
  }

  /** Views an inode's, as long as the length of its fields stays the same. */
  public static XattrSpace of(Inode inode) {
    long end = inode.byteOffset() + inode.recordBytes();
    // An inode without the length of its fields has nothing behind the first ones.
    boolean any = inode.extraBytes() > 0;
    long header = any ? inode.byteOffset() + Inode.BASE_BYTES + inode.extraBytes() : end;
    return new XattrSpace(inode.memory(), header, end);
  }

  /** Where the first entry is, from which value offsets count. */
  public long first() {
    return header + HEADER_BYTES;
  }

  /** Where the space ends. */
  public long end() {
    return end;
  }

  /** Room for entries and values, 0 where there can be none. */
  public long roomBytes() {
    long room = end - first();
    return room < LIST_END_BYTES ? 0 : room;
  }

  /** Whether there are attributes. */
  public boolean isUsed() {
    return roomBytes() > 0 && XattrEntry.magic(memory, header) == XattrEntry.MAGIC;
  }

  /** Checks the attributes that there are. */
  public void check(long inodeNr, Features features) throws CorruptStructureException {
    XattrCheck.checkInode(memory, first(), end, inodeNr, features);
  }

  /** Takes all attributes away. */
  public void clear() {
    memory.asSlice(header, end - header).fill((byte) 0);
  }

  /** Stores the magic number, before entries are. */
  public void begin() {
    LittleEndian.put32(memory, header, XattrEntry.MAGIC);
  }
}
