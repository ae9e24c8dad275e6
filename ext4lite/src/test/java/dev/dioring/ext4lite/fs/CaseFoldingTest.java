package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that ignore case; the kernel of a test machine seldom knows them, e2fsck does. */
class CaseFoldingTest {
  private static final long SEED = 20261204;
  private static final int STEPS = 3000;
  private static final NewInode FILE = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
  private static final NewInode DIRECTORY = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);

  @TempDir Path directory;

  @Test
  void equalNames() {
    assertEqualNames("Stra\u00dfe", "STRASSE");
    assertEqualNames("\u00c4rger", "a\u0308rger");
    assertEqualNames(
        "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3");
    assertEqualNames("\u212aelvin", "kelvin");
    assertEqualNames("so\u00adft", "SOFT");
    assertFalse(CaseFolding.equal(bytes("a"), bytes("\u00e4")));
    assertFalse(CaseFolding.equal(new byte[] {(byte) 0xff, 'A'}, new byte[] {(byte) 0xff, 'a'}));
  }

  private static void assertEqualNames(String one, String other) {
    assertTrue(CaseFolding.equal(bytes(one), bytes(other)), one);
    assertFalse(CaseFolding.equalSurely(bytes(one), bytes(other)), one);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 1024 -O casefold -E encoding=utf8",
        "-b 1024 -O casefold,^has_journal,^dir_index -E encoding=utf8",
        "-b 4096 -O casefold,inline_data,^metadata_csum -E encoding=utf8"
      })
  void randomChanges(String options) throws Exception {
    Ext4Image image = image(options);
    Random random = new Random(SEED);
    Map<String, String> model = new TreeMap<>();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      long folded = volume.resolve("/Folded").inodeNr();
      for (int step = 0; step < STEPS; step++) {
        String name = name(random);
        String key = name.toLowerCase(Locale.ROOT);
        String present = model.get(key);
        switch (random.nextInt(5)) {
          case 0 -> {
            assertErrno(
                present == null ? Errno.ENOENT : 0, () -> names.unlink(folded, bytes(name)));
            model.remove(key);
          }
          case 1 -> {
            String newName = name(random);
            String newKey = newName.toLowerCase(Locale.ROOT);
            String replaced = model.get(newKey);
            assertErrno(
                present == null ? Errno.ENOENT : 0,
                () -> names.rename(folded, bytes(name), folded, bytes(newName), 0));
            if (present != null && !key.equals(newKey)) {
              model.remove(key);
              model.put(newKey, replaced == null ? newName : replaced);
            }
          }
          default -> {
            int errno = present == null ? 0 : Errno.EEXIST;
            assertErrno(errno, () -> names.create(folded, bytes(name), FILE));
            model.putIfAbsent(key, name);
          }
        }
      }
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      Ext4Inode folded = volume.resolve("/Folded");
      List<String> listed = new ArrayList<>();
      try (DirectoryCursor cursor = folded.openDirectory()) {
        while (cursor.next()) {
          if (!cursor.isDots()) {
            listed.add(cursor.name());
          }
        }
      }
      listed.sort(String::compareTo);
      assertEquals(model.values().stream().sorted().toList(), listed, "seed " + SEED);
      for (String name : model.keySet()) {
        assertNotEquals(0, folded.lookUp(name.toUpperCase(Locale.ROOT)), name);
      }
    }
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder("Name" + random.nextInt(700) + "n".repeat(30));
    for (int i = 0; i < name.length(); i++) {
      if (random.nextBoolean()) {
        name.setCharAt(i, Character.toUpperCase(name.charAt(i)));
      }
    }
    return name.toString();
  }

  @Test
  void namesBeyondAsciiAreNotAdded() throws Exception {
    Ext4Image image = image("-b 1024 -O casefold -E encoding=utf8");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      long folded = volume.resolve("/Folded").inodeNr();
      long plain = names.makeDirectory(2, bytes("plain"), DIRECTORY).inodeNr();
      names.create(plain, bytes("\u00e4"), FILE);
      assertErrno(Errno.EOPNOTSUPP, () -> names.create(folded, bytes("\u00e4"), FILE));
      assertErrno(
          Errno.EOPNOTSUPP, () -> names.rename(plain, bytes("\u00e4"), folded, bytes("\u00e4"), 0));
      long below = names.makeDirectory(folded, bytes("below"), DIRECTORY).inodeNr();
      assertTrue((names.attributes(below).flags() & Inode.FLAG_CASEFOLD) != 0);
      long file = names.create(folded, bytes("file"), FILE).inodeNr();
      assertFalse((names.attributes(file).flags() & Inode.FLAG_CASEFOLD) != 0);
    }
    image.assertClean();
  }

  /** An image with a directory that ignores case. */
  private Ext4Image image(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M", options.split(" "));
    image.debugfsWrite("mkdir Folded");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      int flags = volume.resolve("/Folded").flags() | Inode.FLAG_CASEFOLD;
      image.debugfsWrite("sif Folded flags 0x" + Integer.toHexString(flags));
    }
    return image;
  }

  private interface Operation {
    void run() throws Ext4Exception;
  }

  private static void assertErrno(int errno, Operation operation) throws Ext4Exception {
    if (errno == 0) {
      operation.run();
    } else {
      assertEquals(errno, assertThrows(Ext4Exception.class, operation::run).errno());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
