package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.DebugfsFacts;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import dev.dioring.ext4lite.testimage.SampleTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything in an image reads as debugfs and the kernel read it, whatever its features. */
class ReadVolumeTest {
  private static final long SEED = 20260103;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 1024",
        "-b 2048",
        "-b 4096",
        "-b 1024 -O ^64bit",
        "-b 4096 -O ^metadata_csum,uninit_bg",
        "-b 1024 -O ^metadata_csum,^uninit_bg",
        "-b 1024 -O inline_data",
        "-b 4096 -O inline_data,ea_inode -I 512",
        "-b 4096 -O bigalloc -C 16384",
        "-b 1024 -O bigalloc,^has_journal -C 8192",
        "-b 1024 -O meta_bg,^resize_inode -g 1024",
        "-b 1024 -O ^flex_bg,^has_journal -g 2048",
        "-b 2048 -O metadata_csum_seed,^filetype",
        "-b 4096 -I 128",
        "-b 1024 -O quota,project,^dir_index",
        "-b 1024 -O sparse_super2,large_dir,^resize_inode",
        "-b 65536",
        "-b 65536 -O inline_data,^metadata_csum,^has_journal",
        "-b 8192 -O bigalloc -C 65536",
        "-b 1024 -O ^metadata_csum,uninit_bg,^resize_inode,^flex_bg -g 256",
        "-t ext3 -b 1024 -I 128",
        "-t ext3 -b 4096",
        "-t ext2 -b 1024",
      })
  void readsAsOthersDo(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    SampleTree.fill(content, SEED);
    Path file = directory.resolve("image");
    Ext4Image image =
        Ext4Image.populated(
            file, options.contains("-b 65536") ? "64M" : "32M", content, options.split(" ", -1));
    SampleTree.decorate(image, !options.contains("-I 128"));
    if (options.contains("quota")) {
      image.settle();
    }
    image.assertClean();
    Map<String, FileFacts> ours;
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      ours = VolumeFacts.of(volume);
      compareWithDebugfs(image, volume, ours);
    }
    assertTrue(ours.size() > 350, "files seen: " + ours.keySet());
    // Blocks larger than a page are for debugfs only; few kernels mount them.
    if (LoopMount.isPossible() && !options.matches("-b (8192|65536).*")) {
      compareWithKernel(file, ours);
    }
  }

  private static void compareWithDebugfs(
      Ext4Image image, Ext4Volume volume, Map<String, FileFacts> ours) throws Exception {
    Map<Long, String> paths = new TreeMap<>();
    for (String path : ours.keySet()) {
      paths.put(volume.resolve(path, false).inodeNr(), path);
    }
    Map<Long, FileFacts> theirs = DebugfsFacts.of(image, paths.keySet());
    assertEquals(paths.keySet(), theirs.keySet());
    paths.forEach(
        (inodeNr, path) -> {
          FileFacts expected = theirs.get(inodeNr);
          FileFacts found = ours.get(path);
          assertTrue(expected != null && found != null, path);
          assertEquals(expected, found.restrictedTo(expected), path);
        });
  }

  private void compareWithKernel(Path image, Map<String, FileFacts> ours) throws Exception {
    Map<String, FileFacts> theirs;
    try (LoopMount mount = LoopMount.readOnly(image, directory.resolve("mounted"))) {
      theirs = KernelFacts.of(mount.directory());
    }
    assertEquals(theirs.keySet(), Set.copyOf(ours.keySet()));
    for (Map.Entry<String, FileFacts> entry : theirs.entrySet()) {
      FileFacts found = ours.get(entry.getKey());
      assertTrue(found != null, entry.getKey());
      assertEquals(entry.getValue(), found.restrictedTo(entry.getValue()), entry.getKey());
    }
    assertTrue(List.copyOf(theirs.keySet()).contains("/dir/sub/deep"));
  }
}
