package dev.dioring.ext4lite.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills a process that writes durably, in the middle of it, and looks for everything that it had
 * said to be durable. {@code -Ddioring.crash.kills=N} kills so many of each kind of image.
 */
@Timeout(value = 24, unit = TimeUnit.HOURS)
class KillTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 42);
  private static final int KILLS = Integer.getInteger("dioring.crash.kills", 3);
  private static final int LINES_MAX = 800;

  @TempDir Path directory;

  /** Newest durable version of each block, 0 for none. */
  private final int[][] durable = new int[2][KilledWriter.FILE_BLOCKS];

  @ParameterizedTest
  @ValueSource(strings = {"-J size=4", "-O ^has_journal"})
  void whatWasDurableSurvivesAKill(String options) throws Exception {
    Path initial = image(options);
    boolean journaled = !options.contains("^has_journal");
    Path image = directory.resolve("disk.img");
    SplittableRandom random = new SplittableRandom(SEED);
    for (int kill = 0; kill < KILLS; kill++) {
      Files.copy(initial, image, StandardCopyOption.REPLACE_EXISTING);
      int lines = 1 + random.nextInt(LINES_MAX);
      String which = options + ", kill " + kill + " after " + lines + " lines, seed " + SEED;
      writeAndKill(image, random.nextLong(), lines, which);
      assertNotClosed(image, journaled, which);
      if (journaled) {
        checkJournaled(image, which);
      } else {
        assertNull(CrashCheck.repairPlain(image), which);
        assertContents(image, VolumeOptions.READ_ONLY, which);
      }
    }
  }

  private Path image(String options) throws Exception {
    Path content = Files.createDirectories(directory.resolve("content"));
    for (int file = 0; file < durable.length; file++) {
      Files.createFile(content.resolve(Workload.path(file).substring(1)));
    }
    String[] all = ("-b " + KilledWriter.BLOCK_BYTES + " " + options).split(" ", -1);
    return Ext4Image.populated(directory.resolve("initial.img"), "32M", content, all).file();
  }

  private void writeAndKill(Path image, long seed, int lines, String which) throws Exception {
    for (int[] versions : durable) {
      Arrays.fill(versions, 0);
    }
    Path errors = directory.resolve("errors");
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                image.toString(),
                Long.toString(seed))
            .redirectError(errors.toFile())
            .start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(writer.getInputStream(), UTF_8))) {
      int seen = 0;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        note(line, which);
        if (++seen == lines) {
          // SIGKILL. By the handle: what it said before it died counts, and stays readable.
          writer.toHandle().destroyForcibly();
        }
      }
      assertTrue(seen >= lines, () -> which + ": ended by itself: " + text(errors));
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertEquals(128 + 9, writer.exitValue(), which);
  }

  private void note(String line, String which) {
    assertTrue(line.matches("\\d+ \\d+ \\d+"), () -> which + ": " + line);
    String[] words = line.split(" ", -1);
    int[] versions = durable[Integer.parseInt(words[0])];
    int blockNr = Integer.parseInt(words[1]);
    versions[blockNr] = Math.max(versions[blockNr], Integer.parseInt(words[2]));
  }

  private static void assertNotClosed(Path image, boolean journaled, String which)
      throws Exception {
    Map<String, String> header = Ext4Image.of(image).header();
    if (journaled) {
      String features = header.getOrDefault("Filesystem features", "");
      assertTrue(features.contains("needs_recovery"), () -> which + ": " + features);
    } else {
      assertEquals("not clean", header.get("Filesystem state"), which);
    }
  }

  private void checkJournaled(Path image, String which) throws Exception {
    Path second = directory.resolve("second.img");
    Files.copy(image, second, StandardCopyOption.REPLACE_EXISTING);
    assertContents(image, VolumeOptions.READ_WRITE, which);
    Ext4Image.of(image).assertClean();
    ExternalTool.Outcome repair = ExternalTool.tryRun(List.of("e2fsck", "-fy", second.toString()));
    assertTrue(repair.exitCode() <= 1, () -> which + ": " + repair.output());
    assertContents(second, VolumeOptions.READ_ONLY, which);
  }

  private void assertContents(Path image, VolumeOptions options, String which) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image, options)) {
      for (int file = 0; file < durable.length; file++) {
        try (Ext4File opened = volume.openFile(volume.resolve(Workload.path(file)), false);
            Arena arena = Arena.ofShared()) {
          MemorySegment content = arena.allocate(Math.max(4096, opened.sizeBytes()), 4096);
          long size = opened.io().read(0, content, 0);
          assertEquals(opened.sizeBytes(), size, which);
          assertContent(content.asSlice(0, size), file, which);
        }
      }
    }
  }

  /** The write behind the last durable one may have been in flight, any sector of it. */
  private void assertContent(MemorySegment content, int file, String which) {
    int sectors = KilledWriter.BLOCK_BYTES / Stamp.SECTOR_BYTES;
    for (int blockNr = 0; blockNr < KilledWriter.FILE_BLOCKS; blockNr++) {
      int version = durable[file][blockNr];
      long at = (long) blockNr * KilledWriter.BLOCK_BYTES;
      if (at >= content.byteSize()) {
        assertEquals(0, version, which + ": file " + file + " lost block " + blockNr);
        continue;
      }
      for (int index = 0; index < sectors; index++) {
        MemorySegment sector =
            content.asSlice(at + (long) index * Stamp.SECTOR_BYTES, Stamp.SECTOR_BYTES);
        boolean lawful =
            Stamp.matches(sector, file, blockNr, index, version)
                || Stamp.matches(sector, file, blockNr, index, version + 1);
        String where = ": file " + file + " block " + blockNr + " sector " + index + ": ";
        assertTrue(
            lawful, () -> which + where + Stamp.describe(sector) + ", durable was " + version);
      }
    }
  }

  private static String text(Path errors) {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
