package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Measures the recovery of a full journal; a program to run by hand. */
final class RecoveryTime {
  private static final int BLOCK = 4096;
  private static final int COPIES = 800;
  private static final int TRANSACTIONS = 40;

  private RecoveryTime() {}

  /** Every second block, so that no two copies can be written together. */
  private static String blocks(int transaction) {
    return IntStream.range(0, COPIES)
        .map(i -> 170_000 + (transaction * COPIES + i) * 2)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));
  }

  /**
   * Runs it.
   *
   * @param args a directory on the disk to measure
   */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory(Path.of(args[0]), "recovery");
    Path file = directory.resolve("image");
    Path data = directory.resolve("data");
    try {
      Ext4Image image = Ext4Image.make(file, "1G", "-b", "" + BLOCK, "-J", "size=128");
      byte[] content = new byte[COPIES * BLOCK];
      new Random(1).nextBytes(content);
      Files.write(data, content);
      String[] commands = new String[TRANSACTIONS + 2];
      commands[0] = "jo -c -v 3";
      for (int i = 0; i < TRANSACTIONS; i++) {
        commands[i + 1] = "jw -b " + blocks(i) + " " + data;
      }
      commands[TRANSACTIONS + 1] = "jc";
      image.debugfsWrite(commands);
      long start = System.nanoTime();
      try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT)) {
        Recovered recovered = Recoveries.inPlace(device);
        System.out.printf(
            "%d blocks in %d ms%n", recovered.blocks(), (System.nanoTime() - start) / 1_000_000);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(data);
      Files.delete(directory);
    }
  }
}
