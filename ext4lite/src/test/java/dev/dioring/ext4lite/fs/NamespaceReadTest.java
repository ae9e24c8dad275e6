package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Look-ups by number, and listings that go on from any entry. */
class NamespaceReadTest {
  private static final int FILES = 1500;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 4096", "-b 1024 -O ^dir_index"})
  void listsInPieces(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Path many = Files.createDirectory(content.resolve("many"));
    for (int i = 0; i < FILES; i++) {
      Files.createFile(many.resolve("file-" + i));
    }
    Files.createSymbolicLink(content.resolve("link"), Path.of("many/file-7"));
    Ext4Image image =
        Ext4Image.populated(directory.resolve("disk.img"), "64M", content, options.split(" "));
    image.settle("-D");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      Ext4Namespace names = volume.namespace();
      InodeAttributes found = names.lookup(2, "many".getBytes(StandardCharsets.UTF_8));
      assertNotNull(found);
      Set<String> all = new HashSet<>();
      long[] cookie = {0};
      int[] room = {0};
      int before;
      do {
        before = all.size();
        room[0] = 7;
        names.readDirectory(
            found.inodeNr(),
            cookie[0],
            (inodeNr, kind, name, at) -> {
              if (room[0]-- == 0) {
                return false;
              }
              String text = new String(name, StandardCharsets.UTF_8);
              assertEquals(true, all.add(text), text + " twice");
              cookie[0] = at;
              return true;
            });
      } while (all.size() > before);
      assertEquals(FILES + 2, all.size());
      assertNull(names.lookup(found.inodeNr(), new byte[] {'x'}));
      InodeAttributes link = names.lookup(2, "link".getBytes(StandardCharsets.UTF_8));
      assertNotNull(link);
      assertArrayEquals(
          "many/file-7".getBytes(StandardCharsets.UTF_8), names.readLink(link.inodeNr()));
      Ext4Exception failure =
          assertThrows(Ext4Exception.class, () -> names.lookup(link.inodeNr(), new byte[] {'x'}));
      assertEquals(Errno.ENOTDIR, failure.errno());
      names.forget(found.inodeNr(), 1);
      names.forget(link.inodeNr(), 1);
    }
  }
}
