package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs made by debugfs, of every format it can write, are replayed as e2fsck replays them. */
class DebugfsLogTest {
  private static final int BLOCK = 1024;
  private static final int FIRST = 4000;
  private static final int COPIES = 60;
  private static final long SEED = 8;

  private @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "64bit, ''", "64bit, -c -v 2", "64bit, -c -v 3",
    "^64bit, ''", "^64bit, -c -v 2", "^64bit, -c -v 3"
  })
  void replaysWhatE2fsckReplays(String feature, String open) throws Exception {
    Ext4Image image = image(feature);
    Random random = new Random(SEED);
    List<String> commands = new ArrayList<>(List.of("jo " + open));
    for (int i = 0; i < 30; i++) {
      commands.add(transaction(random, i));
    }
    commands.add("jw -c " + transaction(random, 30).substring(3));
    commands.add("jc");
    image.debugfsWrite(commands.toArray(String[]::new));
    byte[] logged = image.bytes();
    byte[] ours = blocks(Recoveries.inPlace(logged));
    image.settle();
    byte[] theirs = blocks(image.bytes());
    assertEquals(-1, Arrays.mismatch(theirs, ours), "seed " + SEED);
    assertTrue(Arrays.mismatch(blocks(logged), ours) >= 0, "nothing was replayed");
  }

  @Test
  void aLogThatPointsOutsideIsRefused() throws Exception {
    Ext4Image image = image("^64bit");
    image.debugfsWrite("jo", "jw -b 4000,4001 " + data(new Random(SEED), 0, 2), "jc");
    byte[] logged = image.bytes();
    int tag = find(logged, new byte[] {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98, 0, 0, 0, 1}) + 12;
    int journalBlock = (tag - 12) / BLOCK;
    for (int blockNr : new int[] {0, 0x7fff_ffff, 1 << 15, journalBlock}) {
      byte[] bad = logged.clone();
      for (int i = 0; i < 4; i++) {
        bad[tag + i] = (byte) (blockNr >>> (24 - 8 * i));
      }
      CorruptStructureException e =
          assertThrows(CorruptStructureException.class, () -> Recoveries.inPlace(bad));
      assertTrue(e.getMessage().contains("journal transaction 1"), e.getMessage());
      assertTrue(e.getMessage().contains("found block " + blockNr), e.getMessage());
    }
  }

  @Test
  void whatFollowsADamagedTransactionIsNotReplayed() throws Exception {
    Ext4Image image = image("64bit");
    Random random = new Random(SEED);
    image.debugfsWrite(
        "jo -c -v 3",
        "jw -b 4000 " + data(random, 0, 1),
        "jw -b 4001 " + data(random, 1, 1),
        "jw -b 4002 " + data(random, 2, 1),
        "jc");
    byte[] damaged = image.bytes();
    int copy = find(damaged, Files.readAllBytes(directory.resolve("data1")));
    damaged[copy + 100] ^= 1;
    Path file = Files.write(directory.resolve("damaged"), damaged);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      String reason = volume.readOnlyReason();
      assertTrue(reason.contains("transaction 2: its copy of block 4001"), reason);
    }
    assertArrayEquals(damaged, Files.readAllBytes(file));
    // Without its commit block the same transaction is one that the crash cut off.
    byte[] commit = {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98, 0, 0, 0, 2, 0, 0, 0, 2};
    int second = find(damaged, commit);
    Arrays.fill(damaged, second, second + 4 * BLOCK, (byte) 0);
    byte[] recovered = Recoveries.inPlace(damaged);
    byte[] first = Files.readAllBytes(directory.resolve("data0"));
    assertArrayEquals(first, Arrays.copyOfRange(recovered, FIRST * BLOCK, (FIRST + 1) * BLOCK));
    int next = (FIRST + 1) * BLOCK;
    assertArrayEquals(
        Arrays.copyOfRange(damaged, next, next + BLOCK),
        Arrays.copyOfRange(recovered, next, next + BLOCK));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theErrorOfAnAbortedJournalIsKept(boolean dirty) throws Exception {
    Ext4Image image = image("^64bit");
    if (dirty) {
      image.debugfsWrite("jo", "jw -b 4000 " + data(new Random(SEED), 0, 1), "jc");
    }
    byte[] aborted = image.bytes();
    byte[] superblock = {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98, 0, 0, 0, 4};
    int errno = find(aborted, superblock) + 0x23;
    aborted[errno] = 5;
    byte[] recovered = Recoveries.inPlace(aborted);
    assertEquals(0, recovered[errno]);
    Path file = Files.write(directory.resolve("recovered"), recovered);
    assertEquals("clean with errors", Ext4Image.of(file).header().get("Filesystem state"));
    assertArrayEquals(recovered, Recoveries.inPlace(recovered));
  }

  @Test
  void aTornJournalInodeIsNoObstacle() throws Exception {
    Ext4Image image = image("64bit");
    image.debugfsWrite("jo -c -v 3", "jw -b 4000 " + data(new Random(SEED), 0, 1), "jc");
    String place =
        image.debugfs("imap <8>").replaceAll("(?s).*at block (\\d+), offset 0x(\\w+).*", "$1 $2");
    String[] parts = place.split(" ", -1);
    int inode = Integer.parseInt(parts[0]) * BLOCK + Integer.parseInt(parts[1], 16);
    byte[] torn = image.bytes();
    torn[inode + 0x2c] ^= 1;
    byte[] copy = Files.readAllBytes(directory.resolve("data0"));
    byte[] recovered = Recoveries.inPlace(torn);
    assertArrayEquals(copy, Arrays.copyOfRange(recovered, FIRST * BLOCK, (FIRST + 1) * BLOCK));
  }

  private Ext4Image image(String feature) throws Exception {
    return Ext4Image.make(
        directory.resolve("image"), "16M", "-b", "" + BLOCK, "-O", "metadata_csum," + feature);
  }

  /** A command that logs some blocks and revokes others, logged before or not. */
  private String transaction(Random random, int number) throws Exception {
    StringBuilder command = new StringBuilder("jw");
    if (number > 0) {
      command.append(" -r ").append(FIRST + random.nextInt(COPIES));
      command.append(",").append(FIRST + random.nextInt(COPIES));
    }
    int count = 1 + random.nextInt(9);
    int start = FIRST + random.nextInt(COPIES - count);
    command.append(" -b ").append(start).append("-").append(start + count - 1);
    return command + " " + data(random, number, count);
  }

  private Path data(Random random, int number, int count) throws Exception {
    byte[] data = new byte[count * BLOCK];
    random.nextBytes(data);
    if (number % 4 == 0) {
      System.arraycopy(new byte[] {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98}, 0, data, 0, 4);
    }
    return Files.write(directory.resolve("data" + number), data);
  }

  private static byte[] blocks(byte[] image) {
    return Arrays.copyOfRange(image, FIRST * BLOCK, (FIRST + COPIES) * BLOCK);
  }

  private static int find(byte[] in, byte[] wanted) {
    for (int at = 0; at + wanted.length <= in.length; at += BLOCK) {
      if (Arrays.equals(in, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }
}
