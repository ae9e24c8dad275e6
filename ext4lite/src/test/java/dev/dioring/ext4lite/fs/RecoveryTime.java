package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Measures the recovery of a full journal; a program to run by hand. */
final class RecoveryTime {
  private static final int BLOCK = 4096;
  private static final int COPIES = 8000;
  private static final int TRANSACTIONS = 4;

  private RecoveryTime() {}

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
        int first = 200_000 + i * COPIES;
        commands[i + 1] = "jw -b " + first + "-" + (first + COPIES - 1) + " " + data;
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
