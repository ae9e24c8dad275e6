package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel left in a journal is recovered as the kernel and e2fsck recover it. */
class RecoverVolumeTest {
  private static final long SEED = 20261123;

  private @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "-b 4096, '', 4",
    "-b 1024, '', 4",
    "-b 4096 -O ^metadata_csum, '', 4",
    "-b 4096 -O ^64bit, '', 4",
    "-b 1024 -O ^64bit, '', 4",
    "-b 2048 -O ^64bit^metadata_csum, '', 4",
    "-t ext3 -b 1024, '', 4",
    "-t ext3 -b 4096, '', 4",
    "-b 4096 -O ^metadata_csum, journal_checksum, 4",
    "-b 1024 -O ^metadata_csum, 'journal_async_commit,data=writeback', 4",
    "-b 4096, 'journal_async_commit,data=writeback', 4",
    "-b 1024 -J size=1, '', 60",
    "-t ext3 -b 1024 -J size=1, '', 60",
    "-b 4096, data=journal, 4",
  })
  void recoversAsTheKernelAndE2fsckDo(String mkfs, String mount, int rounds) throws Exception {
    Ext4Image image =
        Ext4Image.make(
            directory.resolve("image"), "48M", mkfs.replace("^64bit^", "^64bit,^").split(" ", -1));
    Ext4Image crashed =
        CrashedImage.crash(
            image, directory.resolve("crashed"), mount, CrashedImage.rounds(rounds, SEED));
    assertTrue(crashed.header().get("Filesystem features").contains("needs_recovery"));
    byte[] before = Files.readAllBytes(crashed.file());
    Map<String, FileFacts> inMemory;
    try (Ext4Volume volume = VolumeFacts.open(crashed)) {
      inMemory = VolumeFacts.of(volume);
      assertTrue(volume.warnings().toString().contains("in memory"), "" + volume.warnings());
    }
    Ext4Image ours = copy(crashed, "ours");
    Recovered recovered = recover(ours.file());
    assertTrue(recovered.blocks() > 0);
    assertFalse(recovered.inMemory());
    assertFalse(ours.header().get("Filesystem features").contains("needs_recovery"));
    ours.assertClean();
    Ext4Image theirs = copy(crashed, "theirs");
    theirs.settle();
    Ext4Image kernels = copy(crashed, "kernels");
    Map<String, FileFacts> expected;
    try (LoopMount mounted =
        LoopMount.writable(kernels.file(), directory.resolve("mounted"), "noatime")) {
      expected = KernelFacts.of(mounted.directory());
    }
    assertEquals(expected, facts(ours));
    assertEquals(expected, facts(theirs));
    compare(expected, inMemory);
    assertArrayEquals(before, Files.readAllBytes(crashed.file()));
  }

  /** Both name the same facts but for a few that only one of them states. */
  private static void compare(Map<String, FileFacts> kernel, Map<String, FileFacts> ours) {
    assertEquals(kernel.keySet(), ours.keySet());
    Map<String, FileFacts> common = new TreeMap<>();
    Map<String, FileFacts> expected = new TreeMap<>();
    for (Map.Entry<String, FileFacts> entry : kernel.entrySet()) {
      FileFacts mine = ours.get(entry.getKey());
      expected.put(entry.getKey(), entry.getValue().restrictedTo(mine));
      common.put(entry.getKey(), mine.restrictedTo(entry.getValue()));
    }
    assertEquals(expected, common);
  }

  private Map<String, FileFacts> facts(Ext4Image image) throws Exception {
    try (LoopMount mounted = LoopMount.readOnly(image.file(), directory.resolve("mounted"))) {
      return KernelFacts.of(mounted.directory());
    }
  }

  private Ext4Image copy(Ext4Image image, String name) throws Exception {
    return Ext4Image.of(Files.copy(image.file(), directory.resolve(name)));
  }

  private static Recovered recover(Path file) throws Exception {
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT)) {
      return Recoveries.inPlace(device);
    }
  }
}
