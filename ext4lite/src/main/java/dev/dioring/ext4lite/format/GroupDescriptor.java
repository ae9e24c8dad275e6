package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * A block group descriptor: 32 bytes, or 64 and more with the 64bit feature.
 *
 * <pre>
 * 00 block_bitmap_lo   inode_bitmap_lo   inode_table_lo   free_blocks_lo|free_inodes_lo
 * 10 used_dirs_lo|flags  exclude_bitmap_lo  block_bitmap_csum_lo|inode_bitmap_csum_lo
 * 1c itable_unused_lo|checksum
 * 20 block_bitmap_hi   inode_bitmap_hi   inode_table_hi   free_blocks_hi|free_inodes_hi
 * 30 used_dirs_hi|itable_unused_hi  exclude_bitmap_hi  block_bitmap_csum_hi|inode_bitmap_csum_hi
 * </pre>
 *
 * <p>Free blocks are counted in clusters.
 */
public final class GroupDescriptor {
  /** Size without the 64bit feature. */
  public static final int SIZE_32BIT_BYTES = 32;

  /** Least size with the 64bit feature. */
  public static final int SIZE_64BIT_BYTES = 64;

  /** {@link #flags()}: the inode bitmap and table were never written. */
  public static final int FLAG_INODE_UNINIT = 1;

  /** {@link #flags()}: the block bitmap was never written; it is derived from the layout. */
  public static final int FLAG_BLOCK_UNINIT = 2;

  /** {@link #flags()}: the inode table was zeroed. */
  public static final int FLAG_INODE_ZEROED = 4;

  static final int CHECKSUM_OFFSET = 0x1e;

  private final MemorySegment memory;
  private final long base;
  private final int sizeBytes;

  /**
   * Views the structure at {@code byteOffset} of {@code memory}.
   *
   * @param sizeBytes {@link Superblock#descriptorSizeBytes()}
   */
  public GroupDescriptor(MemorySegment memory, long byteOffset, int sizeBytes) {
    this.memory = memory;
    this.base = byteOffset;
    this.sizeBytes = sizeBytes;
  }

  public long blockBitmapBlockNr() {
    return wide32(0x00, 0x20);
  }

  public long inodeBitmapBlockNr() {
    return wide32(0x04, 0x24);
  }

  public long inodeTableBlockNr() {
    return wide32(0x08, 0x28);
  }

  public long freeClustersCount() {
    return wide16(0x0c, 0x2c);
  }

  public void freeClustersCount(long clusters) {
    putWide16(0x0c, 0x2c, clusters);
  }

  public long freeInodesCount() {
    return wide16(0x0e, 0x2e);
  }

  public void freeInodesCount(long inodes) {
    putWide16(0x0e, 0x2e, inodes);
  }

  public long usedDirectoriesCount() {
    return wide16(0x10, 0x30);
  }

  public void usedDirectoriesCount(long directories) {
    putWide16(0x10, 0x30, directories);
  }

  public int flags() {
    return LittleEndian.u16(memory, base + 0x12);
  }

  public void flags(int flags) {
    LittleEndian.put16(memory, base + 0x12, flags);
  }

  public boolean has(int flag) {
    return (flags() & flag) != 0;
  }

  /** Inodes at the end of the table that were never used. */
  public long unusedInodesCount() {
    return wide16(0x1c, 0x32);
  }

  public void unusedInodesCount(long inodes) {
    putWide16(0x1c, 0x32, inodes);
  }

  /** The stored checksum of the block bitmap, cut to {@link #bitmapChecksumMask()}. */
  public int blockBitmapChecksum() {
    return (int) wide16(0x18, 0x38);
  }

  public void blockBitmapChecksum(int checksum) {
    putWide16(0x18, 0x38, checksum);
  }

  /** The stored checksum of the inode bitmap, cut to {@link #bitmapChecksumMask()}. */
  public int inodeBitmapChecksum() {
    return (int) wide16(0x1a, 0x3a);
  }

  public void inodeBitmapChecksum(int checksum) {
    putWide16(0x1a, 0x3a, checksum);
  }

  /** The bits of a bitmap's checksum that the descriptor has room for. */
  public int bitmapChecksumMask() {
    return hasHigh() ? ~0 : 0xffff;
  }

  /** The stored checksum of the descriptor. */
  public int checksum() {
    return LittleEndian.u16(memory, base + CHECKSUM_OFFSET);
  }

  void checksum(int checksum) {
    LittleEndian.put16(memory, base + CHECKSUM_OFFSET, checksum);
  }

  MemorySegment memory() {
    return memory;
  }

  long base() {
    return base;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  private boolean hasHigh() {
    return sizeBytes >= SIZE_64BIT_BYTES;
  }

  private long wide32(int offsetLow, int offsetHigh) {
    long low = LittleEndian.u32(memory, base + offsetLow);
    return hasHigh() ? low | LittleEndian.u32(memory, base + offsetHigh) << 32 : low;
  }

  private long wide16(int offsetLow, int offsetHigh) {
    long low = LittleEndian.u16(memory, base + offsetLow);
    return hasHigh() ? low | (long) LittleEndian.u16(memory, base + offsetHigh) << 16 : low;
  }

  private void putWide16(int offsetLow, int offsetHigh, long value) {
    LittleEndian.put16(memory, base + offsetLow, (int) value);
    if (hasHigh()) {
      LittleEndian.put16(memory, base + offsetHigh, (int) (value >>> 16));
    }
  }
}
