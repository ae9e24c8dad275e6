package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.RawDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Directories with an index: every name is found by its hash, and listed once. */
class LargeDirectoryTest {
  private static final long SEED = 20260104;
  private static final int ENTRIES = 20_000;
  private static final int LEAF_BYTES = 1024;

  private @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "half_md4, 1024, '', 1",
    "tea, 1024, '^metadata_csum,uninit_bg', 1",
    "legacy, 4096, '^64bit', 0",
    "half_md4, 1024, 'large_dir,^metadata_csum', 1",
  })
  void everyNameIsFoundAndListedOnce(
      String algorithm, int blockSize, String features, int indirectLevels) throws Exception {
    List<String> names = names(new Random(SEED), ENTRIES);
    Ext4Image image = image(algorithm, blockSize, features);
    RawDirectory.add(image, "large", names, blockSize, directory.resolve("scratch"));
    image.assertClean();
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      Ext4Inode large = volume.resolve("/large");
      assertTrue((large.flags() & Inode.FLAG_INDEX) != 0, "it has an index");
      assertEquals(indirectLevels, indirectLevels(volume, large));
      assertEquals(new HashSet<>(names), listed(large));
      long target = volume.resolve("/target").inodeNr();
      for (String name : names) {
        assertEquals(target, large.lookUp(name), name + " seed " + SEED);
        assertEquals(0, large.lookUp(name + "x"), name + " seed " + SEED);
      }
      assertEquals(large.inodeNr(), large.lookUp("."));
      assertEquals(Ext4Inode.ROOT_NR, large.lookUp(".."));
      Ext4Exception e = assertThrows(Ext4Exception.class, () -> large.lookUp("n".repeat(256)));
      assertEquals(Errno.ENAMETOOLONG, e.errno());
    }
  }

  /** Two names of the same hash, one at the end of a leaf, the other at the start of the next. */
  @Test
  void namesOfOneHashAreFoundInTwoLeaves() throws Exception {
    Ext4Image image = image("half_md4", LEAF_BYTES, "^metadata_csum");
    DirectoryHash hash;
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      hash = DirectoryHash.of(volume.superblock());
    }
    List<String> names = sortedByHash(hash, names(new Random(SEED), 150_000));
    int twins = firstTwins(hash, names);
    // Dropping names before the twins moves the border of a leaf between them.
    int perLeaf = namesInFirstLeaf(names.subList(twins - 200, twins + 200));
    List<String> some = names.subList(twins - 200 + 201 % perLeaf, twins + 200);
    Ext4Image copy = image("half_md4", LEAF_BYTES, "^metadata_csum", directory.resolve("twins"));
    RawDirectory.add(copy, "large", some, LEAF_BYTES, directory.resolve("scratch"));
    try (Ext4Volume volume = VolumeFacts.open(copy)) {
      Ext4Inode large = volume.resolve("/large");
      assertTrue(continues(volume, large), "the twins are in two leaves, seed " + SEED);
      long target = volume.resolve("/target").inodeNr();
      for (String name : some) {
        assertEquals(target, large.lookUp(name));
      }
    }
  }

  private int namesInFirstLeaf(List<String> names) throws Exception {
    Ext4Image image = image("half_md4", LEAF_BYTES, "^metadata_csum", directory.resolve("first"));
    RawDirectory.add(image, "large", names, LEAF_BYTES, directory.resolve("scratch"));
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      Ext4Inode large = volume.resolve("/large");
      long leaf;
      try (MetadataBuffer root = block(volume, large, 0)) {
        leaf = HtreeNode.fileBlockNr(root.data(), HtreeNode.ROOT_TABLE_OFFSET, 0);
      }
      int count = 0;
      try (MetadataBuffer entries = block(volume, large, leaf)) {
        for (int at = 0; at < LEAF_BYTES; ) {
          count += DirectoryEntry.inodeNr(entries.data(), at) != 0 ? 1 : 0;
          at += DirectoryEntry.recordBytes(entries.data(), at, LEAF_BYTES);
        }
      }
      return count;
    }
  }

  private Ext4Image image(String algorithm, int blockSize, String features) throws Exception {
    return image(algorithm, blockSize, features, directory.resolve("image"));
  }

  private static Ext4Image image(String algorithm, int blockSize, String features, Path file)
      throws Exception {
    String all = "^has_journal" + (features.isEmpty() ? "" : "," + features);
    Ext4Image image = Ext4Image.make(file, "8M", "-b", Integer.toString(blockSize), "-O", all);
    ExternalTool.run("tune2fs", "-E", "hash_alg=" + algorithm, file.toString());
    return image;
  }

  private static List<String> names(Random random, int count) {
    Set<String> names = new HashSet<>();
    while (names.size() < count) {
      names.add("file-" + (1_000_000_000L + random.nextLong(8_000_000_000L)));
    }
    List<String> ordered = new ArrayList<>(names);
    ordered.sort(Comparator.naturalOrder());
    return ordered;
  }

  private static List<String> sortedByHash(DirectoryHash hash, List<String> names) {
    Map<String, Long> hashes = new HashMap<>();
    for (String name : names) {
      byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
      hashes.put(name, hash.hash(DirectoryHash.HALF_MD4, bytes));
    }
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(Comparator.comparingLong(name -> hashes.getOrDefault(name, 0L)));
    return sorted;
  }

  private static int firstTwins(DirectoryHash hash, List<String> sorted) {
    for (int i = 200; i + 200 < sorted.size(); i++) {
      byte[] one = sorted.get(i).getBytes(StandardCharsets.ISO_8859_1);
      byte[] other = sorted.get(i + 1).getBytes(StandardCharsets.ISO_8859_1);
      if (hash.hash(DirectoryHash.HALF_MD4, one) == hash.hash(DirectoryHash.HALF_MD4, other)) {
        return i;
      }
    }
    throw new AssertionError("no two names of one hash, seed " + SEED);
  }

  private static int indirectLevels(Ext4Volume volume, Ext4Inode large) throws Exception {
    try (MetadataBuffer root = block(volume, large, 0)) {
      return HtreeNode.indirectLevels(root.data(), 0);
    }
  }

  private static boolean continues(Ext4Volume volume, Ext4Inode large) throws Exception {
    try (MetadataBuffer root = block(volume, large, 0)) {
      int table = HtreeNode.ROOT_TABLE_OFFSET;
      for (int i = 1; i < HtreeNode.count(root.data(), table); i++) {
        if ((HtreeNode.hash(root.data(), table, i) & HtreeNode.CONTINUED) != 0) {
          return true;
        }
      }
      return false;
    }
  }

  private static MetadataBuffer block(Ext4Volume volume, Ext4Inode large, long fileBlockNr)
      throws Exception {
    ExtentRun run = new ExtentRun();
    large.map().lookUp(fileBlockNr, run);
    return volume.context().cache().get(run.startBlockNr + fileBlockNr - run.fileBlockNr);
  }

  private static Set<String> listed(Ext4Inode large) throws Exception {
    Set<String> names = new HashSet<>();
    try (DirectoryCursor cursor = large.openDirectory()) {
      while (cursor.next()) {
        if (cursor.isDots()) {
          assertEquals(FileKind.DIRECTORY, cursor.kind());
        } else {
          assertTrue(names.add(cursor.name()), cursor.name() + " is listed twice");
        }
      }
    }
    return names;
  }
}
