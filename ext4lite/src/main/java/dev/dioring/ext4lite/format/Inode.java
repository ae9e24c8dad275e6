package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * An inode: 128 bytes in ext2 and ext3, else s_inode_size bytes of which 128 + i_extra_isize are
 * fields and the rest holds extended attributes.
 *
 * <pre>
 * 00 mode|uid_lo    size_lo     atime        ctime
 * 10 mtime          dtime       gid_lo|links blocks_lo
 * 20 flags          version_lo  28 block[15]: extent tree root, block map, symlink or inline data
 * 64 generation     file_acl_lo size_high    faddr
 * 74 blocks_hi|file_acl_hi  uid_hi|gid_hi  checksum_lo|-
 * 80 extra_isize|checksum_hi  ctime_extra  mtime_extra  atime_extra
 * 90 crtime         crtime_extra  version_hi   projid
 * </pre>
 *
 * <p>An extra time word holds two more bits of seconds below 30 bits of nanoseconds, which carries
 * times to the year 2446.
 */
public final class Inode {
  /** Size of the part that every inode has. */
  public static final int BASE_BYTES = 128;

  /** Where i_block starts. */
  public static final int BLOCK_OFFSET = 0x28;

  /** Size of i_block. */
  public static final int BLOCK_BYTES = 60;

  public static final int FLAG_SECURE_DELETION = 0x1;
  public static final int FLAG_UNDELETABLE = 0x2;
  public static final int FLAG_COMPRESSED = 0x4;
  public static final int FLAG_SYNC = 0x8;
  public static final int FLAG_IMMUTABLE = 0x10;
  public static final int FLAG_APPEND = 0x20;
  public static final int FLAG_NODUMP = 0x40;
  public static final int FLAG_NOATIME = 0x80;
  public static final int FLAG_UNCOMPRESSED = 0x400;
  public static final int FLAG_ENCRYPT = 0x800;
  public static final int FLAG_INDEX = 0x1000;
  public static final int FLAG_JOURNAL_DATA = 0x4000;
  public static final int FLAG_NOTAIL = 0x8000;
  public static final int FLAG_DIRSYNC = 0x1_0000;
  public static final int FLAG_TOPDIR = 0x2_0000;
  public static final int FLAG_HUGE_FILE = 0x4_0000;
  public static final int FLAG_EXTENTS = 0x8_0000;
  public static final int FLAG_VERITY = 0x10_0000;
  public static final int FLAG_EA_INODE = 0x20_0000;
  public static final int FLAG_DAX = 0x200_0000;
  public static final int FLAG_INLINE_DATA = 0x1000_0000;
  public static final int FLAG_PROJINHERIT = 0x2000_0000;
  public static final int FLAG_CASEFOLD = 0x4000_0000;

  /** Unit of i_blocks. */
  public static final int SECTOR_BYTES = 512;

  private static final int CHECKSUM_LOW_OFFSET = 0x7c;
  private static final int CHECKSUM_HIGH_OFFSET = 0x82;
  private static final int NANOS_SHIFT = 2;
  private static final int EPOCH_MASK = 3;

  private final MemorySegment memory;
  private final long base;
  private final int sizeBytes;

  /**
   * Views the structure at {@code byteOffset} of {@code memory}.
   *
   * @param sizeBytes {@link Superblock#inodeSizeBytes()}
   */
  public Inode(MemorySegment memory, long byteOffset, int sizeBytes) {
    this.memory = memory;
    this.base = byteOffset;
    this.sizeBytes = sizeBytes;
  }

  /** The memory viewed. */
  public MemorySegment memory() {
    return memory;
  }

  /** Where the structure starts in {@link #memory()}. */
  public long byteOffset() {
    return base;
  }

  /** Size of the whole record, attributes included. */
  public int recordBytes() {
    return sizeBytes;
  }

  public int mode() {
    return LittleEndian.u16(memory, base);
  }

  public void mode(int mode) {
    LittleEndian.put16(memory, base, mode);
  }

  /** The kind of file, or null if the mode says none. */
  public @Nullable FileKind kind() {
    return FileKind.ofMode(mode());
  }

  public long uid() {
    return LittleEndian.u16(memory, base + 0x02)
        | (long) LittleEndian.u16(memory, base + 0x78) << 16;
  }

  public long gid() {
    return LittleEndian.u16(memory, base + 0x18)
        | (long) LittleEndian.u16(memory, base + 0x7a) << 16;
  }

  public void uid(long id) {
    LittleEndian.put16(memory, base + 0x02, (int) id);
    LittleEndian.put16(memory, base + 0x78, (int) (id >>> 16));
  }

  public void gid(long id) {
    LittleEndian.put16(memory, base + 0x18, (int) id);
    LittleEndian.put16(memory, base + 0x7a, (int) (id >>> 16));
  }

  /** i_size_lo alone: the size of what is not a regular file, unless large_dir is on. */
  public long sizeLow() {
    return LittleEndian.u32(memory, base + 0x04);
  }

  /** Both halves of the size. Negative on a corrupt inode. */
  public long size() {
    return sizeLow() | LittleEndian.u32(memory, base + 0x6c) << 32;
  }

  public void size(long bytes) {
    LittleEndian.put32(memory, base + 0x04, bytes);
    LittleEndian.put32(memory, base + 0x6c, bytes >>> 32);
  }

  /** Time of deletion, or the next inode of the orphan list. */
  public long deletionTime() {
    return LittleEndian.u32(memory, base + 0x14);
  }

  public void deletionTime(long time) {
    LittleEndian.put32(memory, base + 0x14, time);
  }

  public int linksCount() {
    return LittleEndian.u16(memory, base + 0x1a);
  }

  public void linksCount(int links) {
    LittleEndian.put16(memory, base + 0x1a, links);
  }

  /**
   * The space the file takes, extent tree and attribute block included.
   *
   * @param hugeFiles whether the volume has {@link Feature#HUGE_FILE}
   * @return count of 512-byte sectors
   */
  public long sectors(boolean hugeFiles, int blockSizeBytes) {
    long low = LittleEndian.u32(memory, base + 0x1c);
    if (!hugeFiles) {
      return low;
    }
    long count = low | (long) LittleEndian.u16(memory, base + 0x74) << 32;
    return has(FLAG_HUGE_FILE) ? count * (blockSizeBytes / SECTOR_BYTES) : count;
  }

  /**
   * Sets the space the file takes, in blocks where sectors do not fit.
   *
   * @return whether it fits; without {@link Feature#HUGE_FILE} the limit is 2^32 sectors
   */
  public boolean sectors(long sectors, boolean hugeFiles, int blockSizeBytes) {
    if (sectors >= (hugeFiles ? 1L << 48 : 1L << 32)) {
      if (!hugeFiles) {
        return false;
      }
      flags(flags() | FLAG_HUGE_FILE);
      putBlocks(sectors / (blockSizeBytes / SECTOR_BYTES));
      return true;
    }
    flags(flags() & ~FLAG_HUGE_FILE);
    putBlocks(sectors);
    return true;
  }

  public int flags() {
    return LittleEndian.i32(memory, base + 0x20);
  }

  public void flags(int flags) {
    LittleEndian.put32(memory, base + 0x20, flags);
  }

  public boolean has(int flag) {
    return (flags() & flag) != 0;
  }

  public long version() {
    long low = LittleEndian.u32(memory, base + 0x24);
    return fits(0x98, 4) ? low | LittleEndian.u32(memory, base + 0x98) << 32 : low;
  }

  public void version(long version) {
    LittleEndian.put32(memory, base + 0x24, version);
    if (fits(0x98, 4)) {
      LittleEndian.put32(memory, base + 0x98, version >>> 32);
    }
  }

  public int generation() {
    return LittleEndian.i32(memory, base + 0x64);
  }

  public void generation(int generation) {
    LittleEndian.put32(memory, base + 0x64, generation);
  }

  /** Block of extended attributes, or 0. */
  public long attributeBlockNr() {
    return LittleEndian.u32(memory, base + 0x68)
        | (long) LittleEndian.u16(memory, base + 0x76) << 32;
  }

  public void attributeBlockNr(long blockNr) {
    LittleEndian.put32(memory, base + 0x68, blockNr);
    LittleEndian.put16(memory, base + 0x76, (int) (blockNr >>> 32));
  }

  /** i_extra_isize: bytes of fields beyond the first 128; 0 in small inodes. */
  public int extraBytes() {
    return sizeBytes > BASE_BYTES ? LittleEndian.u16(memory, base + BASE_BYTES) : 0;
  }

  /** Sets i_extra_isize in an inode that is large enough to have it. */
  public void extraBytes(int bytes) {
    LittleEndian.put16(memory, base + BASE_BYTES, bytes);
  }

  public long projectId() {
    return fits(0x9c, 4) ? LittleEndian.u32(memory, base + 0x9c) : 0;
  }

  /** Sets the project, where there is room for it. */
  public void projectId(long id) {
    if (fits(0x9c, 4)) {
      LittleEndian.put32(memory, base + 0x9c, id);
    }
  }

  /** Whether the inode is large enough to hold a time's seconds. */
  public boolean has(InodeStamp stamp) {
    return stamp.secondsOffset < BASE_BYTES || fits(stamp.secondsOffset, 4);
  }

  /** Seconds since 1970 of a time, 0 where the inode has no room for it. */
  public long seconds(InodeStamp stamp) {
    if (!has(stamp)) {
      return 0;
    }
    long seconds = LittleEndian.i32(memory, base + stamp.secondsOffset);
    if (hasFraction(stamp)) {
      seconds += (long) (extra(stamp) & EPOCH_MASK) << 32;
    }
    return seconds;
  }

  /** Whether the inode is large enough to hold the nanoseconds of a time. */
  public boolean hasFraction(InodeStamp stamp) {
    return fits(stamp.extraOffset, 4);
  }

  /** Nanoseconds within the second; 2^30 - 1 at most on a corrupt inode. */
  public int nanos(InodeStamp stamp) {
    return hasFraction(stamp) ? extra(stamp) >>> NANOS_SHIFT : 0;
  }

  /**
   * Sets a time as far as the inode has room for it. Seconds beyond what fits are clamped; the
   * first and the last that fit have no fraction.
   */
  public void time(InodeStamp stamp, long seconds, int nanos) {
    if (!has(stamp)) {
      return;
    }
    boolean wide = hasFraction(stamp);
    long max = wide ? (1L << 34) - 1 + Integer.MIN_VALUE : Integer.MAX_VALUE;
    long clamped = Math.clamp(seconds, Integer.MIN_VALUE, max);
    LittleEndian.put32(memory, base + stamp.secondsOffset, clamped);
    if (wide) {
      long epoch = ((clamped - (int) clamped) >>> 32) & EPOCH_MASK;
      long fraction = clamped == Integer.MIN_VALUE || clamped == max ? 0 : nanos;
      LittleEndian.put32(memory, base + stamp.extraOffset, epoch | fraction << NANOS_SHIFT);
    }
  }

  /** Word {@code index} (0 to 14) of i_block, unsigned. */
  public long blockWord(int index) {
    return LittleEndian.u32(memory, base + BLOCK_OFFSET + 4L * index);
  }

  public void blockWord(int index, long word) {
    LittleEndian.put32(memory, base + BLOCK_OFFSET + 4L * index, word);
  }

  /** Empties i_block. */
  public void clearBlock() {
    memory.asSlice(base + BLOCK_OFFSET, BLOCK_BYTES).fill((byte) 0);
  }

  /** Puts bytes into i_block, which must fit. */
  public void block(byte[] bytes) {
    clearBlock();
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, base + BLOCK_OFFSET, bytes.length);
  }

  /** Empties the whole record. */
  public void clear() {
    memory.asSlice(base, sizeBytes).fill((byte) 0);
  }

  /** Sets the numbers of a device: in the old form where they fit it. */
  public void device(int major, int minor) {
    boolean old = major < 256 && minor < 256;
    blockWord(0, old ? (long) major << 8 | minor : 0);
    long wide = (minor & 0xff) | (long) major << 8 | ((long) minor & ~0xffL) << 12;
    blockWord(1, old ? 0 : wide);
  }

  public int deviceMajor() {
    long old = blockWord(0);
    return (int) (old != 0 ? (old >>> 8) & 0xff : (blockWord(1) >>> 8) & 0xfff);
  }

  public int deviceMinor() {
    long old = blockWord(0);
    if (old != 0) {
      return (int) (old & 0xff);
    }
    long word = blockWord(1);
    return (int) ((word & 0xff) | ((word >>> 12) & 0xf_ff00));
  }

  /** The stored checksum: 32 bits, or 16 where the inode has no room for more. */
  public int checksum() {
    int low = LittleEndian.u16(memory, base + CHECKSUM_LOW_OFFSET);
    return hasChecksumHigh()
        ? low | LittleEndian.u16(memory, base + CHECKSUM_HIGH_OFFSET) << 16
        : low;
  }

  /** The checksum of the content, cut to what the inode has room for. */
  public int computeChecksum(int inodeSeed) {
    int crc = Crc32c.update(inodeSeed, memory, base, CHECKSUM_LOW_OFFSET);
    crc = Crc32c.updateZeroes(crc, Short.BYTES);
    int from = CHECKSUM_LOW_OFFSET + Short.BYTES;
    if (!hasChecksumHigh()) {
      return Crc32c.update(crc, memory, base + from, sizeBytes - from) & 0xffff;
    }
    crc = Crc32c.update(crc, memory, base + from, CHECKSUM_HIGH_OFFSET - from);
    crc = Crc32c.updateZeroes(crc, Short.BYTES);
    from = CHECKSUM_HIGH_OFFSET + Short.BYTES;
    return Crc32c.update(crc, memory, base + from, sizeBytes - from);
  }

  /** Stores the checksum of the content, if the volume has metadata checksums. */
  public void updateChecksum(MetadataChecksums checksums, long inodeNr) {
    if (!checksums.enabled()) {
      return;
    }
    int crc = computeChecksum(checksums.inodeSeed(inodeNr, generation()));
    LittleEndian.put16(memory, base + CHECKSUM_LOW_OFFSET, crc);
    if (hasChecksumHigh()) {
      LittleEndian.put16(memory, base + CHECKSUM_HIGH_OFFSET, crc >>> 16);
    }
  }

  /** Whether a field beyond the first 128 bytes lies within i_extra_isize. */
  private boolean fits(int offset, int lengthBytes) {
    return sizeBytes >= offset + lengthBytes && BASE_BYTES + extraBytes() >= offset + lengthBytes;
  }

  private boolean hasChecksumHigh() {
    return fits(CHECKSUM_HIGH_OFFSET, Short.BYTES);
  }

  private int extra(InodeStamp stamp) {
    return LittleEndian.i32(memory, base + stamp.extraOffset);
  }

  private void putBlocks(long count) {
    LittleEndian.put32(memory, base + 0x1c, count);
    LittleEndian.put16(memory, base + 0x74, (int) (count >>> 32));
  }
}
