package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FastCommitWorkload;
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

/** The fast commits that the kernel left in a journal give the files that it showed. */
class FastCommitTest {
  private static final int SEEDS = Integer.getInteger("dioring.fastcommit.seeds", 2);
  private static final long FIRST_SEED = Long.getLong("dioring.fastcommit.seed", 1);

  private @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "-b 4096, 40",
    "-b 1024, 40",
    "-b 4096 -O ^metadata_csum, 25",
    "-b 4096 -O inline_data, 25",
    "-b 4096 -O ^64bit, 25",
    "-b 4096 -O bigalloc, 25",
    "-b 1024 -O ^64bit^extents, 25",
  })
  void givesWhatTheKernelShowed(String options, int changes) throws Exception {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      check(options, changes, seed);
    }
  }

  private void check(String options, int changes, long seed) throws Exception {
    FastCommitWorkload workload = new FastCommitWorkload(changes, seed, false);
    Ext4Image crashed = crash(options, workload);
    Map<String, FileFacts> expected = workload.facts().get(0);
    String what = "seed " + seed + " of " + options;
    byte[] before = Files.readAllBytes(crashed.file());
    try (Ext4Volume volume = Ext4Volume.open(crashed.file(), VolumeOptions.READ_ONLY)) {
      assertFalse(volume.warnings().toString().contains("fast commits"), "" + volume.warnings());
      compare(expected, FastCommitWorkload.comparable(VolumeFacts.of(volume)), what);
    }
    assertArrayEquals(before, Files.readAllBytes(crashed.file()), what);
    try (Ext4Volume volume = Ext4Volume.open(crashed.file(), VolumeOptions.READ_WRITE)) {
      assertEquals("", volume.readOnlyReason(), what);
    }
    crashed.assertClean();
    try (LoopMount mounted = LoopMount.readOnly(crashed.file(), directory.resolve("mounted"))) {
      assertEquals(
          expected, FastCommitWorkload.comparable(KernelFacts.of(mounted.directory())), what);
    }
  }

  private Ext4Image crash(String options, FastCommitWorkload workload) throws Exception {
    String mkfs = options.contains("-O") ? options + ",fast_commit" : options + " -O fast_commit";
    Path file = directory.resolve("image");
    Files.deleteIfExists(file);
    Ext4Image image =
        Ext4Image.make(file, "48M", mkfs.replace("^64bit^", "^64bit,^").split(" ", -1));
    return CrashedImage.crash(image, directory.resolve("crashed"), "noatime", workload);
  }

  /** Both name the same facts but for a few that only one of them states. */
  private static void compare(
      Map<String, FileFacts> kernel, Map<String, FileFacts> ours, String what) {
    assertEquals(kernel.keySet(), ours.keySet(), what);
    Map<String, FileFacts> common = new TreeMap<>();
    Map<String, FileFacts> expected = new TreeMap<>();
    kernel.forEach(
        (path, facts) -> {
          FileFacts mine = ours.get(path);
          expected.put(path, facts.restrictedTo(mine));
          common.put(path, mine.restrictedTo(facts));
        });
    assertEquals(expected, common, what);
    assertTrue(common.size() > 5, what);
  }
}
