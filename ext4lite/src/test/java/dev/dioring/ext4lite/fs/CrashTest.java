package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power at many moments of a workload without a journal, and lets e2fsck judge what is
 * left: no structural damage, nothing lost that was synced, no stale bytes in any file.
 */
class CrashTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 42);
  private static final int STATES = Integer.getInteger("dioring.crash.states", 60);
  private static final int BLOCK = 1024;
  private static final int FILE_BLOCKS = 600;
  private static final int ROUNDS = 6;
  private static final int WRITES_PER_ROUND = 60;
  private static final byte STALE = (byte) 0xa5;
  private static final long INODE = 12;

  /**
   * What the disk may lawfully need after a cut: blocks marked in use that nobody owns, and a
   * bitmap that was written when its checksum, which is in another block, was not.
   */
  private static final List<String> HARMLESS =
      List.of(
          "Block bitmap differences:",
          "does not match checksum",
          "FIXED.",
          "Free blocks count wrong",
          "i_blocks is",
          "could be narrower",
          "could be shorter",
          "was not cleanly unmounted",
          "FILE SYSTEM WAS MODIFIED",
          "Pass ",
          "Fix? ",
          "Optimize? ",
          "Padding at end of block bitmap");

  /** Log position after each sync, and what the file had to hold by then. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Synced(int logEntries, byte[] content, boolean[] written) {}

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"^has_journal", "^has_journal,^metadata_csum,uninit_bg"})
  void everyCutLeavesAConsistentFilesystem(String features) throws Exception {
    byte[] initial = initialImage(features);
    List<Synced> synced = new ArrayList<>();
    List<RecordingBlockDevice.Entry> log = runWorkload(initial, synced);
    Random random = new Random(SEED);
    for (int state = 0; state < STATES; state++) {
      int cut = random.nextInt(log.size() + 1);
      byte[] image = crashed(initial, log, cut, random);
      check(image, cut, synced, "state " + state + " cut " + cut + " seed " + SEED);
    }
  }

  private byte[] initialImage(String features) throws Exception {
    Path file = directory.resolve("disk.img");
    byte[] pattern = new byte[8 << 20];
    Arrays.fill(pattern, STALE);
    Files.write(file, pattern);
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    Ext4Image image =
        Ext4Image.populated(file, "8M", content, "-b", "1024", "-O", features, "-E", "nodiscard");
    return image.bytes();
  }

  private static List<RecordingBlockDevice.Entry> runWorkload(byte[] initial, List<Synced> synced)
      throws Exception {
    MemoryBlockDevice memory = new MemoryBlockDevice("ram", initial.length);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    RecordingBlockDevice device = new RecordingBlockDevice(memory);
    Random random = new Random(SEED);
    byte[] content = new byte[FILE_BLOCKS * BLOCK];
    boolean[] written = new boolean[FILE_BLOCKS];
    try (Arena arena = Arena.ofShared();
        Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(INODE, true)) {
      file.fallocate(0, content.length, false);
      for (int round = 0; round < ROUNDS; round++) {
        writeSome(file, arena, random, content, written);
        file.sync(false);
        synced.add(new Synced(device.log().size(), content.clone(), written.clone()));
      }
      writeSome(file, arena, random, content, written);
    }
    synced.add(new Synced(device.log().size(), content, written));
    return device.log();
  }

  private static void writeSome(
      Ext4File file, Arena arena, Random random, byte[] content, boolean[] written) {
    List<CompletableFuture<Long>> writes = new ArrayList<>();
    for (int i = 0; i < WRITES_PER_ROUND; i++) {
      int block = random.nextInt(FILE_BLOCKS);
      if (written[block]) {
        continue; // Rewriting would make either content lawful.
      }
      written[block] = true;
      MemorySegment memory = arena.allocate(BLOCK, 4096);
      byte fill = (byte) (1 + random.nextInt(100));
      memory.fill(fill);
      Arrays.fill(content, block * BLOCK, (block + 1) * BLOCK, fill);
      writes.add(file.io().writeAsync((long) block * BLOCK, memory, 0));
    }
    writes.forEach(write -> assertEquals(BLOCK, write.join()));
  }

  /** All writes up to the last flush before the cut, and some of those since. */
  private static byte[] crashed(
      byte[] initial, List<RecordingBlockDevice.Entry> log, int cut, Random random) {
    int flushed = cut;
    while (flushed > 0 && !log.get(flushed - 1).isFlush()) {
      flushed--;
    }
    byte[] image = initial.clone();
    RecordingBlockDevice.replay(log.subList(0, flushed), image);
    List<RecordingBlockDevice.Entry> unflushed = new ArrayList<>(log.subList(flushed, cut));
    Collections.shuffle(unflushed, random);
    int survivors = unflushed.isEmpty() ? 0 : random.nextInt(unflushed.size() + 1);
    RecordingBlockDevice.replay(unflushed.subList(0, survivors), image);
    return image;
  }

  private void check(byte[] image, int cut, List<Synced> synced, String state) throws Exception {
    Path file = directory.resolve("crashed.img");
    Files.write(file, image);
    ExternalTool.Outcome repair = ExternalTool.tryRun(List.of("e2fsck", "-fy", file.toString()));
    assertTrue(repair.exitCode() <= 1, state + ": " + repair.output());
    for (String line : repair.output().lines().toList()) {
      boolean harmless =
          line.isBlank()
              || line.startsWith("e2fsck ")
              || line.contains(file + ":")
              || HARMLESS.stream().anyMatch(line::contains);
      assertTrue(harmless, state + ": " + line);
    }
    Ext4Image.of(file).assertClean();
    checkContent(file, cut, synced, state);
  }

  private void checkContent(Path image, int cut, List<Synced> synced, String state)
      throws Exception {
    Path dump = directory.resolve("dump");
    Files.deleteIfExists(dump);
    Ext4Image.of(image).debugfs("dump <" + INODE + "> " + dump);
    byte[] found = Files.readAllBytes(dump);
    for (byte b : found) {
      assertTrue(b != STALE, state + ": stale bytes in the file");
    }
    Synced last = null;
    for (Synced s : synced) {
      last = s.logEntries <= cut ? s : last;
    }
    if (last == null) {
      return;
    }
    for (int block = 0; block < FILE_BLOCKS; block++) {
      if (last.written[block]) {
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
          assertEquals(last.content[i], found[i], state + ": byte " + i + " was synced");
        }
      }
    }
  }
}
