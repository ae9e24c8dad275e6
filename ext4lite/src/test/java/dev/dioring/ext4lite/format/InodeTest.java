package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InodeTest {
  private static final int EXTRA_ISIZE_OFFSET = 0x80;

  private final MemorySegment large = MemorySegment.ofArray(new byte[256]);

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        -1,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        (1L << 34) - 1 + Integer.MIN_VALUE
      })
  void timesOfLargeInodesReachFrom1901To2446(long seconds) {
    LittleEndian.put16(large, EXTRA_ISIZE_OFFSET, 32);
    Inode inode = new Inode(large, 0, 256);
    for (InodeStamp stamp : InodeStamp.values()) {
      inode.time(stamp, seconds, 999_999_999);
      assertEquals(seconds, inode.seconds(stamp), stamp.name());
      boolean isFirstOrLast = seconds == Integer.MIN_VALUE || seconds == 0x3_7fff_ffffL;
      assertEquals(isFirstOrLast ? 0 : 999_999_999, inode.nanos(stamp), stamp.name());
    }
  }

  @Test
  void timesOfSmallInodesAreClamped() {
    Inode inode = new Inode(MemorySegment.ofArray(new byte[128]), 0, 128);
    inode.time(InodeStamp.MODIFICATION, 1L << 33, 5);
    assertEquals(Integer.MAX_VALUE, inode.seconds(InodeStamp.MODIFICATION));
    assertEquals(0, inode.nanos(InodeStamp.MODIFICATION));
    assertFalse(inode.has(InodeStamp.CREATION));
    inode.time(InodeStamp.CREATION, 1, 1);
    assertEquals(0, inode.seconds(InodeStamp.CREATION));
  }

  @Test
  void fieldsBeyondExtraIsizeAreAttributesNotFields() {
    LittleEndian.put16(large, EXTRA_ISIZE_OFFSET, 4);
    LittleEndian.put32(large, 0x9c, 4711);
    LittleEndian.put32(large, 0x88, 0xffff_ffffL);
    Inode inode = new Inode(large, 0, 256);
    assertEquals(0, inode.projectId());
    assertEquals(0, inode.nanos(InodeStamp.MODIFICATION));
    LittleEndian.put16(large, EXTRA_ISIZE_OFFSET, 32);
    assertEquals(4711, inode.projectId());
  }

  @Test
  void spaceIsCountedInBlocksOnceSectorsNoLongerFit() {
    Inode inode = new Inode(large, 0, 256);
    assertFalse(inode.sectors(1L << 32, false, 4096));
    assertTrue(inode.sectors(1L << 40, true, 4096));
    assertFalse(inode.has(Inode.FLAG_HUGE_FILE));
    assertEquals(1L << 40, inode.sectors(true, 4096));
    assertTrue(inode.sectors(1L << 50, true, 4096));
    assertTrue(inode.has(Inode.FLAG_HUGE_FILE));
    assertEquals(1L << 50, inode.sectors(true, 4096));
    assertTrue(inode.sectors(8, true, 4096));
    assertFalse(inode.has(Inode.FLAG_HUGE_FILE));
    assertEquals(8, inode.sectors(true, 4096));
  }

  @Test
  void deviceNumbersComeInTwoForms() {
    Inode inode = new Inode(large, 0, 256);
    LittleEndian.put32(large, Inode.BLOCK_OFFSET, 0x0803);
    assertEquals(8, inode.deviceMajor());
    assertEquals(3, inode.deviceMinor());
    LittleEndian.put32(large, Inode.BLOCK_OFFSET, 0);
    LittleEndian.put32(large, Inode.BLOCK_OFFSET + 4, 0x1230_0000L | 0x45600 | 0x78);
    assertEquals(0x456, inode.deviceMajor());
    assertEquals(0x12378, inode.deviceMinor());
  }

  @Test
  void ownersAndSizesAreUnsigned() {
    LittleEndian.put16(large, 0x02, 0xffff);
    LittleEndian.put16(large, 0x78, 0xffff);
    Inode inode = new Inode(large, 0, 256);
    assertEquals(0xffff_ffffL, inode.uid());
    inode.size(0xffff_ffffL);
    assertEquals(0xffff_ffffL, inode.sizeLow());
    assertEquals(0xffff_ffffL, inode.size());
    inode.size(1L << 43);
    assertEquals(1L << 43, inode.size());
  }
}
