package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hashes of names are those of debugfs. */
class DirectoryHashTest {
  private static final String UUID_OF_SEED = "6b33f586-a183-4383-921d-30da3fef2e5c";
  private static final List<String> VERSIONS = List.of("legacy", "half_md4", "tea");

  private @TempDir Path directory;

  @Test
  void agreeWithDebugfs() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "1M", "-O", "^has_journal");
    List<String> names = names(20260102);
    for (int version = 0; version < VERSIONS.size(); version++) {
      for (boolean seeded : new boolean[] {false, true}) {
        compare(image, version, seeded, names);
      }
    }
  }

  @Test
  void onlyVersionsWithoutAKeyAreKnown() {
    assertTrue(DirectoryHash.isKnown(DirectoryHash.LEGACY));
    assertTrue(DirectoryHash.isKnown(5));
    assertFalse(DirectoryHash.isKnown(DirectoryHash.SIPHASH));
    assertFalse(DirectoryHash.isKnown(255));
  }

  private static void compare(Ext4Image image, int version, boolean seeded, List<String> names)
      throws Exception {
    DirectoryHash hash = DirectoryHash.of(superblock(seeded));
    List<String> commands = new ArrayList<>();
    String options = " -h " + VERSIONS.get(version) + (seeded ? " -s " + UUID_OF_SEED : "");
    for (String name : names) {
      commands.add("dx_hash" + options + " " + name);
    }
    String output = image.debugfs(commands.toArray(String[]::new));
    for (String name : names) {
      long value = hash.hash(version, name.getBytes(StandardCharsets.ISO_8859_1));
      String expected = "Hash of " + name + " is 0x" + Long.toHexString(value) + " ";
      assertTrue(output.contains(expected), expected + options);
    }
    assertEquals(names.size(), output.lines().filter(l -> l.startsWith("Hash of")).count());
  }

  private static Superblock superblock(boolean seeded) {
    MemorySegment memory = MemorySegment.ofArray(new byte[Superblock.SIZE_BYTES]);
    if (seeded) {
      String digits = UUID_OF_SEED.replace("-", "");
      for (int i = 0; i < 16; i++) {
        int value = Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
        LittleEndian.put8(memory, 0xec + i, value);
      }
    }
    return new Superblock(memory, 0);
  }

  private static List<String> names(long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>(List.of("a", "ab", "abc", "abcd", "abcde", "lost+found"));
    for (int i = 0; i < 60; i++) {
      StringBuilder name = new StringBuilder();
      // debugfs reads lines of at most 256 bytes.
      int length = 1 + random.nextInt(150);
      for (int c = 0; c < length; c++) {
        int printable = 'a' + random.nextInt(26);
        name.append((char) (random.nextInt(8) == 0 ? 0xa1 + random.nextInt(90) : printable));
      }
      names.add(name.toString());
    }
    return names;
  }
}
