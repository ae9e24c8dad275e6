package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli) as ext4 chains it: any initial value, no inversion before or after.
 *
 * <p>Runs of bytes go through the JDK's intrinsic, which only starts from all ones. As four bytes
 * take a CRC register from any state to any other, it is fed the four that lead to the initial
 * value wanted, then the data.
 */
public final class Crc32c {
  /** The value ext4 starts a chain with. */
  public static final int SEED = ~0;

  private static final int POLYNOMIAL_REFLECTED = 0x82f6_3b78;

  /** Below this the table is faster than setting the intrinsic up. */
  private static final int TABLE_BYTES_MAX = 24;

  private static final int[] TABLE = new int[256];

  /** The table index by the top byte of its entry; those bytes are all different. */
  private static final int[] INDEX_BY_TOP_BYTE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL_REFLECTED : 0);
      }
      TABLE[i] = crc;
      INDEX_BY_TOP_BYTE[crc >>> 24] = i;
    }
  }

  private Crc32c() {}

  /** Continues {@code crc} over a range of memory. */
  public static int update(int crc, MemorySegment memory, long byteOffset, long lengthBytes) {
    if (lengthBytes > TABLE_BYTES_MAX) {
      return updateByIntrinsic(crc, memory, byteOffset, lengthBytes);
    }
    int next = crc;
    for (long i = byteOffset; i < byteOffset + lengthBytes; i++) {
      next = updateByte(next, LittleEndian.u8(memory, i));
    }
    return next;
  }

  /** Continues {@code crc} over an array. */
  public static int update(int crc, byte[] bytes) {
    int next = crc;
    for (byte b : bytes) {
      next = updateByte(next, b & 0xff);
    }
    return next;
  }

  /** Continues {@code crc} over a little-endian 32-bit integer. */
  public static int updateInt(int crc, int value) {
    int next = crc ^ value;
    for (int i = 0; i < Integer.BYTES; i++) {
      next = (next >>> 8) ^ TABLE[next & 0xff];
    }
    return next;
  }

  /** Continues {@code crc} over a little-endian 64-bit integer. */
  public static int updateLong(int crc, long value) {
    return updateInt(updateInt(crc, (int) value), (int) (value >>> 32));
  }

  /** Continues {@code crc} over {@code count} zero bytes, which a checksum field counts as. */
  static int updateZeroes(int crc, int count) {
    int next = crc;
    for (int i = 0; i < count; i++) {
      next = updateByte(next, 0);
    }
    return next;
  }

  private static int updateByte(int crc, int value) {
    return (crc >>> 8) ^ TABLE[(crc ^ value) & 0xff];
  }

  private static int updateByIntrinsic(
      int crc, MemorySegment memory, long byteOffset, long lengthBytes) {
    CRC32C intrinsic = new CRC32C();
    int lead = leadingTo(crc);
    intrinsic.update(lead & 0xff);
    intrinsic.update((lead >>> 8) & 0xff);
    intrinsic.update((lead >>> 16) & 0xff);
    intrinsic.update(lead >>> 24);
    intrinsic.update(memory.asSlice(byteOffset, lengthBytes).asByteBuffer());
    return ~(int) intrinsic.getValue();
  }

  /** The four bytes, first one lowest, that take the register from all ones to {@code state}. */
  private static int leadingTo(int state) {
    int before = state;
    for (int i = 0; i < Integer.BYTES; i++) {
      int index = INDEX_BY_TOP_BYTE[before >>> 24];
      before = ((before ^ TABLE[index]) << 8) | index;
    }
    return ~before;
  }
}
