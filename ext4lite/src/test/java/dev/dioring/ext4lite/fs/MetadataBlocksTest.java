package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a corrupt image a file may claim the volume's metadata as its data: it must not get it. */
class MetadataBlocksTest {
  private static final int BLOCK_BYTES = 1024;

  /** First number of the first extent, and of a block map, in words of i_block. */
  private static final int EXTENT_START_WORD = 5;

  private @TempDir Path directory;
  private Path file = Path.of("");
  private Path content = Path.of("");

  @BeforeEach
  void makeContent() throws Exception {
    file = directory.resolve("disk.img");
    content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("f"), "content ".repeat(4 * BLOCK_BYTES / 8));
  }

  /** Primary and backup descriptors, the bitmaps and tables of 1 KiB blocks in 8 MiB. */
  @ParameterizedTest
  @ValueSource(
      strings = {"Block bitmap at ", "Inode bitmap at ", "Inode table at ", "descriptors at "})
  void extentsOnMetadataAreRefused(String structure) throws Exception {
    Ext4Image image = populated("-O", "^has_journal");
    long blockNr = placeOf(image, structure);
    image.debugfsWrite("set_inode_field /f block[" + EXTENT_START_WORD + "] " + (blockNr - 2));
    assertRefused("extent node of inode", "blocks of entry 0");
  }

  @Test
  void backupsAreMetadata() throws Exception {
    Ext4Image image = populated("-O", "^has_journal,^metadata_csum");
    image.debugfsWrite("set_inode_field /f block[" + EXTENT_START_WORD + "] 8190");
    assertRefused("extent node of inode", "8190 + 4");
    image.debugfsWrite("set_inode_field /f block[" + EXTENT_START_WORD + "] 8189");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      assertEquals(4 * BLOCK_BYTES, volume.resolve("/f").sizeBytes());
    }
  }

  @Test
  void blockMapsOnMetadataAreRefused() throws Exception {
    Ext4Image image = populated("-O", "^has_journal,^extents,^metadata_csum,^64bit");
    long blockNr = placeOf(image, "Inode table at ");
    image.debugfsWrite("set_inode_field /f block[3] " + blockNr);
    assertRefused("i_block[3]");
  }

  @Test
  void attributeBlocksOnMetadataAreRefused() throws Exception {
    Ext4Image image = populated("-O", "^has_journal");
    image.debugfsWrite("set_inode_field /f file_acl " + placeOf(image, "Block bitmap at "));
    assertRefused("i_file_acl");
  }

  @Test
  void groupsThatShareMetadataAreRefused() throws Exception {
    Ext4Image image =
        Ext4Image.make(file, "20M", "-b", "1024", "-O", "^has_journal,^metadata_csum,^uninit_bg");
    long first = placeOf(image, "Inode table at ");
    image.debugfsWrite("set_bg 1 inode_table " + (first + 1), "set_bg 1 checksum calc");
    Ext4Exception e =
        assertThrows(
            Ext4Exception.class, () -> Ext4Volume.open(file, VolumeOptions.READ_ONLY).close());
    assertEquals(Errno.EUCLEAN, e.errno());
    assertTrue(String.valueOf(e.getMessage()).contains("inode table of group 1"), e.getMessage());
  }

  @Test
  void metadataThatABitmapOffersIsNotAllocated() throws Exception {
    Ext4Image image = populated("-O", "^has_journal,^metadata_csum,^uninit_bg");
    long bitmap = placeOf(image, "Block bitmap at ");
    int table = (int) placeOf(image, "Inode table at ") - 1;
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      // Nothing in the group seems free but a part of the inode table.
      byte[] bits = new byte[BLOCK_BYTES];
      Arrays.fill(bits, (byte) -1);
      bits[table / 8 + 1] = 0;
      disk.seek(bitmap * BLOCK_BYTES);
      disk.write(bits);
    }
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE);
        Ext4File f = volume.openFile(volume.resolve("/f"), true)) {
      IOException e = assertThrows(IOException.class, () -> f.fallocate(0, 6 * BLOCK_BYTES, false));
      assertTrue(
          String.valueOf(e.getMessage()).contains("metadata of the volume is in use"),
          e.toString());
    }
  }

  private void assertRefused(String... parts) throws IOException {
    byte[] before = Files.readAllBytes(file);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      Ext4Exception e = assertThrows(Ext4Exception.class, () -> volume.resolve("/f"));
      assertEquals(Errno.EUCLEAN, e.errno());
      for (String part : parts) {
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
      }
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  private Ext4Image populated(String... options) throws Exception {
    String[] all = {"-b", "1024", options[0], options[1]};
    return Ext4Image.populated(file, "9M", content, all);
  }

  /** Where dumpe2fs says that a structure of the first group starts. */
  private static long placeOf(Ext4Image image, String structure) throws Exception {
    String groups = ExternalTool.run("dumpe2fs", image.file().toString());
    int at = groups.indexOf(structure) + structure.length();
    int end = at;
    while (Character.isDigit(groups.charAt(end))) {
      end++;
    }
    return Long.parseLong(groups.substring(at, end));
  }
}
