package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random changes of a namespace, compared with a model in memory and judged by e2fsck. */
class NamespaceModelTest {
  private static final long SEED = 20261124;
  private static final int STEPS = 4000;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O ^has_journal",
        "-b 1024 -O ^has_journal",
        "-b 4096",
        "-b 1024 -J size=1",
        "-b 4096 -O orphan_file",
        "-b 4096 -O bigalloc -C 16384",
        "-b 1024 -O bigalloc,quota,project,^has_journal -C 16384",
        "-b 4096 -O inline_data",
        "-b 1024 -O inline_data,^has_journal -I 512",
        "-b 1024 -O ^has_journal,^dir_index",
        "-b 2048 -O ^has_journal,^filetype",
        "-b 1024 -O ^has_journal,^metadata_csum,uninit_bg",
        "-b 4096 -O ^has_journal,^metadata_csum,^uninit_bg",
        "-b 4096 -O ^has_journal -I 128",
        "-b 1024 -O ^has_journal,large_dir",
        "-b 1024 -g 1024 -O ^metadata_csum,uninit_bg -E lazy_itable_init=1,nodiscard",
        "-b 1024 -g 2048 -E lazy_itable_init=1,lazy_journal_init=1 -J size=1",
        "-t ext2 -b 1024",
        "-t ext3 -b 1024 -J size=1",
        "-b 4096 -O ^extents,^64bit,inline_data",
        "-b 1024 -O ^has_journal,^flex_bg,^resize_inode,meta_bg"
      })
  void randomChanges(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "64M", options.split(" "));
    NamespaceModel model = new NamespaceModel(SEED);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      model.run(volume.namespace(), STEPS);
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(model.expected(), NamespaceModel.actual(volume.namespace()), "seed " + SEED);
      compareWithKernel(image, VolumeFacts.of(volume));
    }
  }

  private void compareWithKernel(Ext4Image image, Map<String, FileFacts> ours) throws Exception {
    if (!LoopMount.isPossible()) {
      return;
    }
    // The volume is open, so its image is copied to be mounted.
    Path copy = Files.copy(image.file(), directory.resolve("copy.img"));
    try (LoopMount mount = LoopMount.readOnly(copy, directory.resolve("mnt"))) {
      Map<String, FileFacts> kernels = KernelFacts.of(mount.directory());
      assertEquals(kernels.keySet(), ours.keySet());
      for (Map.Entry<String, FileFacts> file : kernels.entrySet()) {
        FileFacts expected = file.getValue();
        FileFacts found = Objects.requireNonNull(ours.get(file.getKey()));
        assertEquals(expected, found.restrictedTo(expected), file.getKey());
      }
    }
  }
}
