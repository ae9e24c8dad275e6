package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockOrderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 64, 1000, 4096, 65537, 100_003})
  void everyPassVisitsEachBlockOnce(int blocks) {
    BlockOrder order = new BlockOrder(blocks, 42, true);
    for (int pass = 0; pass < 2; pass++) {
      BitSet seen = new BitSet(blocks);
      for (long visit = 0; visit < blocks; visit++) {
        seen.set((int) order.block((long) pass * blocks + visit));
      }
      assertEquals(blocks, seen.cardinality(), "pass " + pass);
      assertEquals(blocks, seen.length(), "pass " + pass);
    }
  }

  @Test
  void passesAndSeedsDiffer() {
    int blocks = 1000;
    BlockOrder one = new BlockOrder(blocks, 1, true);
    BlockOrder two = new BlockOrder(blocks, 2, true);
    int same = 0;
    int repeated = 0;
    for (int visit = 0; visit < blocks; visit++) {
      same += one.block(visit) == two.block(visit) ? 1 : 0;
      repeated += one.block(visit) == one.block(blocks + visit) ? 1 : 0;
    }
    assertTrue(same < blocks / 20, same + " visits of two seeds are the same");
    assertTrue(repeated < blocks / 20, repeated + " visits of two passes are the same");
  }

  @Test
  void neighboursInTimeAreNotNeighboursInPlace() {
    int blocks = 65_536;
    BlockOrder order = new BlockOrder(blocks, 7, true);
    int close = 0;
    for (int visit = 1; visit < blocks; visit++) {
      close += Math.abs(order.block(visit) - order.block(visit - 1)) < blocks / 64 ? 1 : 0;
    }
    // Of independent places, one in 32 is that close.
    assertTrue(close < blocks / 20, close + " of " + blocks + " are close");
  }

  @Test
  void withoutMapBlocksStayInsideAndRepeat() {
    int blocks = 1000;
    BlockOrder order = new BlockOrder(blocks, 3, false);
    BitSet seen = new BitSet(blocks);
    for (int visit = 0; visit < blocks; visit++) {
      long block = order.block(visit);
      assertTrue(block >= 0 && block < blocks, "block " + block);
      seen.set((int) block);
    }
    // 1 - 1/e of the blocks are expected.
    assertTrue(seen.cardinality() > 550 && seen.cardinality() < 720, seen.cardinality() + " seen");
    assertNotEquals(order.block(0), order.block(1));
  }
}
