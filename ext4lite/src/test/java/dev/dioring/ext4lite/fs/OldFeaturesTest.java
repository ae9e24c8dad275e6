package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Features that take effect when something grows beyond what older ones have room for. */
class OldFeaturesTest {
  private static final long SEED = 20261203;
  private static final NewInode FILE = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
  private static final NewInode DIRECTORY = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "legacy, 1, '^has_journal'",
    "legacy, 2, '^extents,^64bit'",
    "half_md4, 1, '^metadata_csum'",
    "half_md4, 2, '^has_journal'",
    "tea, 1, '^extents,^64bit,^has_journal'",
    "tea, 2, 'large_dir'",
  })
  void namesAreHashedAsTheVolumeSays(String algorithm, int signedness, String features)
      throws Exception {
    Path file = directory.resolve("disk.img");
    Ext4Image image = Ext4Image.make(file, "32M", "-b", "1024", "-O", features);
    ExternalTool.run("tune2fs", "-E", "hash_alg=" + algorithm, file.toString());
    image.debugfsWrite("ssv flags " + signedness);
    Random random = new Random(SEED);
    Set<String> names = new HashSet<>();
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      long many = namespace.makeDirectory(2, bytes("many"), DIRECTORY).inodeNr();
      long target = namespace.create(2, bytes("target"), FILE).inodeNr();
      for (int i = 0; i < 4000; i++) {
        String name = "\u00e4\u4e2d" + random.nextInt() + "\u00ff".repeat(random.nextInt(20));
        if (names.add(name)) {
          namespace.link(target, many, bytes(name));
          namespace.forget(target, 1);
        }
      }
      for (String name : names.stream().limit(1000).toList()) {
        namespace.unlink(many, bytes(name));
        names.remove(name);
      }
    }
    image.assertClean();
    if (LoopMount.isPossible()) {
      try (LoopMount mount = LoopMount.writable(file, directory.resolve("mnt"))) {
        Path many = mount.directory().resolve("many");
        for (String name : names) {
          assertTrue(Files.exists(many.resolve(name)), name + ", seed " + SEED);
        }
        Files.createFile(many.resolve("kernel's \u00e9"));
      }
      try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
        assertTrue(volume.resolve("/many/kernel's \u00e9").sizeBytes() == 0);
      }
    }
  }

  /** Long names and small blocks: a third level below the root of the index. */
  @Test
  void largeDirectoriesHaveThreeLevels() throws Exception {
    Path file = directory.resolve("disk.img");
    String options = "-b 1024 -N 1000 -O large_dir,^has_journal";
    Ext4Image image = Ext4Image.make(file, "96M", options.split(" "));
    int count = 50_000;
    String tail = "n".repeat(240);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      long large = namespace.makeDirectory(2, bytes("large"), DIRECTORY).inodeNr();
      long target = namespace.create(2, bytes("target"), FILE).inodeNr();
      for (int i = 0; i < count; i++) {
        namespace.link(target, large, bytes(i + tail));
        namespace.forget(target, 1);
      }
      ExtentRun run = new ExtentRun();
      volume.resolve("/large").map().lookUp(0, run);
      try (MetadataBuffer root = volume.context().cache().get(run.startBlockNr)) {
        assertEquals(2, HtreeNode.indirectLevels(root.data(), 0));
      }
      for (int i = 0; i < count; i += 3) {
        namespace.unlink(large, bytes(i + tail));
      }
    }
    image.assertClean();
    Set<String> expected =
        IntStream.range(0, count)
            .filter(i -> i % 3 != 0)
            .mapToObj(i -> i + tail)
            .collect(Collectors.toSet());
    if (LoopMount.isPossible()) {
      try (LoopMount mount = LoopMount.readOnly(file, directory.resolve("mnt"));
          Stream<Path> list = Files.list(mount.directory().resolve("large"))) {
        assertEquals(
            expected, list.map(path -> path.getFileName().toString()).collect(Collectors.toSet()));
        assertTrue(Files.exists(mount.directory().resolve("large/4" + tail)));
        assertFalse(Files.exists(mount.directory().resolve("large/3" + tail)));
      }
    }
  }

  /** More subdirectories than a link count counts. */
  @Test
  void directoriesStopCountingLinks() throws Exception {
    Path file = directory.resolve("disk.img");
    String options = "-b 1024 -I 128 -N 66000 -O ^has_journal";
    Ext4Image image = Ext4Image.make(file, "160M", options.split(" "));
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      long many = namespace.makeDirectory(2, bytes("many"), DIRECTORY).inodeNr();
      for (int i = 0; i < 65_100; i++) {
        namespace.forget(namespace.makeDirectory(many, bytes("d" + i), DIRECTORY).inodeNr(), 1);
      }
      assertEquals(1, namespace.attributes(many).links());
      for (int i = 0; i < 300; i++) {
        namespace.removeDirectory(many, bytes("d" + i));
      }
      assertEquals(1, namespace.attributes(many).links());
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-O ^dir_nlink", "-O ^dir_index"})
  void directoriesThatCountLinksAreFull(String options) throws Exception {
    Path file = directory.resolve("disk.img");
    Ext4Image image = Ext4Image.make(file, "16M", options.split(" "));
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      volume.namespace().makeDirectory(2, bytes("many"), DIRECTORY);
    }
    image.debugfsWrite("sif /many links_count 65000");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      long many = volume.resolve("/many").inodeNr();
      Ext4Namespace namespace = volume.namespace();
      Ext4Exception failure =
          assertThrows(
              Ext4Exception.class, () -> namespace.makeDirectory(many, bytes("d"), DIRECTORY));
      assertEquals(Errno.EMLINK, failure.errno());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "resize", "fallocate"})
  void theFirstLargeFileIsNoted(String way) throws Exception {
    Path file = directory.resolve("disk.img");
    Ext4Image image = Ext4Image.make(file, "16M", "-b", "4096", "-O", "^large_file,^resize_inode");
    long end = 3L << 30;
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE);
        Arena arena = Arena.ofShared()) {
      assertFalse(volume.superblock().has(Feature.LARGE_FILE));
      long nr = volume.namespace().create(2, bytes("file"), FILE).inodeNr();
      try (Ext4File large = volume.namespace().open(nr, true)) {
        switch (way) {
          case "write" ->
              assertEquals(4096, large.io().write(end - 4096, arena.allocate(4096, 4096), 0));
          case "resize" -> volume.namespace().change(nr, AttributeChange.NONE.withSizeBytes(end));
          default -> large.fallocate(end - 4096, 4096, false);
        }
      }
      volume.sync();
      assertTrue(volume.superblock().has(Feature.LARGE_FILE));
    }
    image.assertClean();
    assertTrue(image.header().getOrDefault("Filesystem features", "").contains("large_file"));
    if (LoopMount.isPossible()) {
      try (LoopMount mount = LoopMount.readOnly(file, directory.resolve("mnt"))) {
        assertEquals(end, Files.size(mount.directory().resolve("file")));
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
