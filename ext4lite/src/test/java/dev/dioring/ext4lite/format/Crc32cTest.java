package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc32cTest {
  @Test
  void givesTheCheckValueOfTheCatalogue() {
    MemorySegment digits = MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII));
    assertEquals(0xe3069283, ~Crc32c.update(Crc32c.SEED, digits, 0, 9));
    assertEquals(0x4b37, Crc16.update(Crc16.SEED, digits, 0, 9));
  }

  @Test
  void anyInitialValueLengthAndSplitGiveWhatBitwiseDivisionGives() {
    long seed = 20260101;
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(5000);
      byte[] bytes = new byte[5000];
      random.nextBytes(bytes);
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
      for (int round = 0; round < 500; round++) {
        int initial = random.nextInt();
        int from = random.nextInt(100);
        int length = random.nextInt(round < 250 ? 60 : 4500);
        int split = random.nextInt(length + 1);
        int crc = Crc32c.update(initial, memory, from, split);
        crc = Crc32c.update(crc, memory, from + split, length - split);
        assertEquals(
            bitwise(initial, bytes, from, length), crc, "seed " + seed + " round " + round);
      }
    }
  }

  @Test
  void integersCountAsTheirBytes() {
    byte[] bytes = {0x78, 0x56, 0x34, 0x12, (byte) 0xf0, (byte) 0xde, (byte) 0xbc, (byte) 0x9a};
    int expected = bitwise(77, bytes, 0, 4);
    assertEquals(expected, Crc32c.updateInt(77, 0x12345678));
    assertEquals(bitwise(77, bytes, 0, 8), Crc32c.updateLong(77, 0x9abcdef012345678L));
    assertEquals(bitwise(77, new byte[3], 0, 3), Crc32c.updateZeroes(77, 3));
  }

  private static int bitwise(int initial, byte[] bytes, int from, int length) {
    int crc = initial;
    for (int i = from; i < from + length; i++) {
      crc ^= bytes[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
      }
    }
    return crc;
  }
}
