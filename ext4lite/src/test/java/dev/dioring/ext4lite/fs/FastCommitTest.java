package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.FastCommitTags;
import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.FastCommitWorkload;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast commits that the kernel left in a journal give the files that it showed. */
class FastCommitTest {
  private static final int SEEDS = Integer.getInteger("dioring.fastcommit.seeds", 2);
  private static final long FIRST_SEED = Long.getLong("dioring.fastcommit.seed", 1);

  private static final int FLIPS = 30;

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
    checkRecovered(crashed, expected, "seed " + seed + " of " + options);
  }

  /** Recovers in memory, then in place. */
  private void checkRecovered(Ext4Image crashed, Map<String, FileFacts> expected, String what)
      throws Exception {
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

  /** The kernel gives the number of what was removed to what is made next. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDirectoryGoes(boolean nameComesBack) throws Exception {
    List<Map<String, FileFacts>> shown = new ArrayList<>();
    CrashedImage.Workload workload =
        mounted -> {
          Path gone = Files.createDirectory(mounted.resolve("gone"));
          for (int i = 0; i < 6; i++) {
            Files.createDirectory(mounted.resolve("stays" + i));
          }
          Path file = Files.createFile(mounted.resolve("file"));
          ExternalTool.run("sync", "-f", mounted.toString());
          Files.delete(gone);
          if (nameComesBack) {
            CrashedImage.commit(Files.createFile(gone));
          }
          Files.writeString(file, "more");
          CrashedImage.commit(file);
          shown.add(FastCommitWorkload.comparable(KernelFacts.of(mounted)));
        };
    Ext4Image crashed = crash("-J size=8,fast_commit_size=1024 -b 4096", workload);
    assertTrue(firstFastCommit(crashed.bytes(), 4096) > 0);
    checkRecovered(crashed, shown.get(0), "comes back: " + nameComesBack);
  }

  /** Directories with an index that grow, and shrink, by what one sync makes durable. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-b 1024", "-b 4096", "-b 1024 -O ^metadata_csum", "-b 1024 -O ^dir_index"})
  void manyNamesAtOnce(String options) throws Exception {
    List<Map<String, FileFacts>> shown = new ArrayList<>();
    CrashedImage.Workload workload =
        mounted -> {
          Path old = Files.createDirectory(mounted.resolve("old"));
          for (int i = 0; i < 200; i++) {
            Files.createFile(old.resolve("before" + i + "n".repeat(80)));
          }
          ExternalTool.run("sync", "-f", mounted.toString());
          Path made = Files.createDirectory(mounted.resolve("made"));
          for (int i = 0; i < 200; i++) {
            Path created = (i % 2 == 0 ? old : made).resolve("new" + i + "n".repeat(80));
            Files.createFile(created);
            if (i % 3 == 0) {
              Files.move(old.resolve("before" + i + "n".repeat(80)), made.resolve("moved" + i));
            }
            if (i % 10 == 9) {
              CrashedImage.commit(created);
            }
          }
          shown.add(FastCommitWorkload.comparable(KernelFacts.of(mounted)));
        };
    Ext4Image crashed = crash("-J size=8,fast_commit_size=1024 " + options, workload);
    assertTrue(firstFastCommit(crashed.bytes(), options.contains("1024") ? 1024 : 4096) > 0);
    checkRecovered(crashed, shown.get(0), options);
  }

  @ParameterizedTest
  @CsvSource({"-b 1024, 5", "-b 4096, 8", "-b 4096 -O inline_data, 11"})
  void tornOnesEndTheReplay(String options, long seed) throws Exception {
    FastCommitWorkload workload = new FastCommitWorkload(30, seed, true);
    byte[] crashed = crash(options, workload).bytes();
    int blockSize = options.contains("1024") ? 1024 : 4096;
    int first = firstFastCommit(crashed, blockSize);
    int end = first;
    while (crashed[end] != 0) {
      end += blockSize;
    }
    String what = "seed " + seed + " of " + options + ", cut at ";
    int reached = -1;
    for (int cut = first; cut <= end; cut += blockSize) {
      byte[] torn = crashed.clone();
      Arrays.fill(torn, cut, end, (byte) 0);
      int now = syncsIn(torn, workload, what + cut);
      assertTrue(now >= reached, what + cut + ": " + now + " after " + reached);
      reached = now;
    }
    assertEquals(workload.facts().size() - 1, reached, what);
    Random random = new Random(seed);
    for (int i = 0; i < FLIPS; i++) {
      byte[] torn = crashed.clone();
      int at = first + random.nextInt(end - first);
      torn[at] ^= (byte) (1 << random.nextInt(8));
      int unused = syncsIn(torn, workload, what + "flip at " + at);
    }
  }

  /** The last sync whose files are all that a recovery shows. */
  private static int syncsIn(byte[] image, FastCommitWorkload workload, String what)
      throws Exception {
    Map<String, FileFacts> found;
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      found = withoutContent(FastCommitWorkload.comparable(VolumeFacts.of(volume)));
    }
    for (int i = workload.facts().size() - 1; i >= 0; i--) {
      Map<String, FileFacts> shown = withoutContent(workload.facts().get(i));
      if (shown.keySet().equals(found.keySet())
          && common(shown, found).equals(common(found, shown))) {
        return i;
      }
    }
    throw new AssertionError(what + " gives what was never synced: " + found);
  }

  /** What was written over later is the later content, whatever is recovered. */
  private static Map<String, FileFacts> withoutContent(Map<String, FileFacts> all) {
    Map<String, FileFacts> facts = new TreeMap<>();
    all.forEach((path, of) -> facts.put(path, of.without("content")));
    return facts;
  }

  /** Where the block lies that starts with the head of a fast commit. */
  private static int firstFastCommit(byte[] image, int blockSize) {
    byte[] head = {FastCommitTags.HEAD, 0, 8, 0, 0, 0, 0, 0};
    for (int at = 0; at < image.length; at += blockSize) {
      if (Arrays.equals(image, at, at + head.length, head, 0, head.length)) {
        return at;
      }
    }
    throw new AssertionError("no fast commit");
  }

  private Ext4Image crash(String options, CrashedImage.Workload workload) throws Exception {
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
    Map<String, FileFacts> mine = common(ours, kernel);
    assertEquals(common(kernel, ours), mine, what);
    assertTrue(mine.size() > 5, what);
  }

  private static Map<String, FileFacts> common(
      Map<String, FileFacts> facts, Map<String, FileFacts> others) {
    Map<String, FileFacts> common = new TreeMap<>();
    facts.forEach((path, of) -> common.put(path, of.restrictedTo(others.get(path))));
    return common;
  }
}
