package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ExtentNodeTest {
  private final MemorySegment node = MemorySegment.ofArray(new byte[1024]);

  @Test
  void lengthsSayWhetherTheExtentIsWritten() {
    ExtentNode.leaf(node, 0, 0, 0xffff_fff0L, 15, 0xabcd_1234_5678L, false);
    assertEquals(0xffff_fff0L, ExtentNode.fileBlockNr(node, 0, 0));
    assertEquals(15, ExtentNode.lengthBlocks(node, 0, 0));
    assertEquals(0xabcd_1234_5678L, ExtentNode.startBlockNr(node, 0, 0));
    assertFalse(ExtentNode.unwritten(node, 0, 0));

    ExtentNode.length(node, 0, 0, ExtentNode.WRITTEN_BLOCKS_MAX, false);
    assertEquals(32768, ExtentNode.lengthBlocks(node, 0, 0));
    assertFalse(ExtentNode.unwritten(node, 0, 0));

    ExtentNode.length(node, 0, 0, ExtentNode.UNWRITTEN_BLOCKS_MAX, true);
    assertEquals(32767, ExtentNode.lengthBlocks(node, 0, 0));
    assertTrue(ExtentNode.unwritten(node, 0, 0));

    ExtentNode.length(node, 0, 0, 1, true);
    assertEquals(1, ExtentNode.lengthBlocks(node, 0, 0));
    assertTrue(ExtentNode.unwritten(node, 0, 0));
  }

  @Test
  void searchFindsTheLastEntryAtOrBeforeABlock() {
    ExtentNode.header(node, 0, 0, ExtentNode.blockEntriesMax(1024), 0, 0);
    assertEquals(-1, ExtentNode.search(node, 0, 0));
    for (int i = 0; i < 20; i++) {
      ExtentNode.leaf(node, 0, i, 10 + 10L * i, 5, 1000 + 10L * i, false);
    }
    ExtentNode.entries(node, 0, 20);
    assertEquals(-1, ExtentNode.search(node, 0, 9));
    assertEquals(0, ExtentNode.search(node, 0, 10));
    assertEquals(0, ExtentNode.search(node, 0, 19));
    assertEquals(1, ExtentNode.search(node, 0, 20));
    assertEquals(19, ExtentNode.search(node, 0, 0xffff_ffffL));
  }

  @Test
  void entriesMoveOverThemselves() {
    for (int i = 0; i < 5; i++) {
      ExtentNode.index(node, 0, i, i, 0x8000_0000_0000L + i);
    }
    ExtentNode.moveEntries(node, 0, 1, 2, 4);
    assertEquals(1, ExtentNode.fileBlockNr(node, 0, 1));
    for (int i = 2; i < 6; i++) {
      assertEquals(i - 1, ExtentNode.fileBlockNr(node, 0, i));
      assertEquals(0x8000_0000_0000L + i - 1, ExtentNode.childBlockNr(node, 0, i));
    }
  }
}
