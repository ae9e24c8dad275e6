package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule of extended attributes, inline data and block maps, broken by itself, is named. */
class CorruptXattrTest {
  private static final int I_BLOCK = 0x28;
  private static final int INODE_XATTRS = 128 + 32;
  private static final int BLOCK_HEADER = 32;
  private static final String FILE = "/file";
  private static final String SHORT = "/short";

  @TempDir static Path directory;
  private static byte[] image = {};
  private static byte[] inline = {};
  private static byte[] mapped = {};

  @BeforeAll
  static void makeImages() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("file"), "file");
    Files.writeString(content.resolve("short"), "s".repeat(120));
    Files.createFile(Files.createDirectory(content.resolve("dir")).resolve("name"));
    Files.write(
        content.resolve("large"), "large ".repeat(70_000).getBytes(StandardCharsets.US_ASCII));
    image = make(content, "plain", "^has_journal").bytes();
    inline = make(content, "inline", "^has_journal,inline_data").bytes();
    mapped = make(content, "mapped", "^has_journal,^extents,^64bit,^metadata_csum").bytes();
  }

  private static Ext4Image make(Path content, String name, String features) throws Exception {
    Ext4Image made =
        Ext4Image.populated(
            directory.resolve(name), "4M", content, "-b", "1024", "-O", features, "-N", "64");
    made.debugfsWrite(
        "ea_set /file user.first " + "1".repeat(100),
        "ea_set /file user.second " + "2".repeat(99),
        "ea_set /short user.small value");
    made.settle();
    made.assertClean();
    return made;
  }

  @Test
  void blocks() {
    block(0, 4, 0, "h_magic");
    block(4, 4, 0, "h_refcount");
    block(8, 4, 2, "h_blocks");
    block(BLOCK_HEADER, 1, 250, "of e_name");
    block(BLOCK_HEADER + 1, 1, 99, "e_name_index");
    block(BLOCK_HEADER + 2, 2, 0, "e_value_offs");
    block(BLOCK_HEADER + 2, 2, 1020, "e_value_offs");
    block(BLOCK_HEADER + 4, 4, 13, "e_value_inum");
    block(BLOCK_HEADER + 8, 4, 2000, "e_value_offs");
    block(BLOCK_HEADER + 8, 4, -1, "e_value_offs");
    block(BLOCK_HEADER + 16, 1, 0, "of e_name");
    block(BLOCK_HEADER + 16, 1, 'x', "e_hash");
  }

  @Test
  void valuesAreCoveredByTheirHashes() {
    CorruptImage pristine = new CorruptImage(image);
    int offset = pristine.u16(pristine.at(attributes(pristine)) + BLOCK_HEADER + 2);
    block(offset, 1, 'x', "e_hash");
  }

  @Test
  void attributesInInodes() {
    int first = INODE_XATTRS + 4;
    inode(image, SHORT, first + 1, 1, 99, "e_name_index");
    inode(image, SHORT, first + 2, 2, 2, "e_value_offs");
    inode(image, SHORT, first + 2, 2, 94, "e_value_offs");
    inode(image, SHORT, first + 4, 4, 13, "e_value_inum");
    inode(image, SHORT, first + 8, 4, 100, "e_value_offs");
    inode(image, SHORT, first, 1, 200, "entry");
  }

  @Test
  void inlineData() {
    int first = INODE_XATTRS + 4;
    CorruptImage.Look reading = CorruptImage.reading(SHORT);
    inode(inline, SHORT, 0x04, 4, 250, "i_size", reading);
    inode(inline, SHORT, first + 1, 1, 1, "attribute system.data", reading);
    inode(inline, SHORT, 0x20, 4, 0x1008_0000, "INLINE_DATA without EXTENTS", reading);
    CorruptImage.Look listing = CorruptImage.listing("/dir");
    inode(inline, "/dir", I_BLOCK, 4, 0, "inode of \"..\"", listing);
    inode(inline, "/dir", I_BLOCK, 4, 1000, "inode of \"..\"", listing);
    inode(inline, "/dir", I_BLOCK + 4, 4, 1000, "inode of the entry", listing);
    inode(inline, "/dir", I_BLOCK + 8, 2, 60, "rec_len", listing);
    inode(inline, "/dir", I_BLOCK + 8, 2, 0, "rec_len", listing);
  }

  @Test
  void blockMaps() {
    CorruptImage.Look reading = CorruptImage.reading("/large");
    inode(mapped, "/large", I_BLOCK, 4, 4096, "i_block[0]");
    inode(mapped, "/large", I_BLOCK + 12 * 4, 4, 1, "i_block[12]");
    inode(mapped, "/large", I_BLOCK + 13 * 4, 4, -1, "i_block[13]");
    CorruptImage pristine = new CorruptImage(mapped);
    long single = pristine.i32(pristine.inode("/large") + I_BLOCK + 12 * 4);
    map(single, 7, reading);
    long twice = pristine.i32(pristine.inode("/large") + I_BLOCK + 13 * 4);
    map(twice, 0, reading);
    map(pristine.i32(pristine.at(twice)), 255, reading);
  }

  private static void map(long block, int index, CorruptImage.Look reading) {
    CorruptImage.assertNamed(
        mapped,
        i -> i.put32(i.at(block) + 4L * index, 5000),
        i -> {},
        reading,
        "block map of inode " + new CorruptImage(mapped).inodeNr("/large") + " in block " + block,
        "number " + index);
  }

  private static void block(int offset, int bytes, long value, String predicate) {
    CorruptImage pristine = new CorruptImage(image);
    long block = attributes(pristine);
    CorruptImage.assertNamed(
        image,
        i -> i.put(i.at(block) + offset, bytes, value),
        i -> i.mendAttributes(block),
        CorruptXattrTest::all,
        predicate.equals("e_hash") ? "attribute" : "attributes in block " + block,
        predicate);
  }

  private static long attributes(CorruptImage pristine) {
    return pristine.i32(pristine.inode(FILE) + 0x68);
  }

  private static void inode(
      byte[] original, String path, int offset, int bytes, long value, String predicate) {
    inode(original, path, offset, bytes, value, predicate, CorruptXattrTest::all);
  }

  private static void inode(
      byte[] original,
      String path,
      int offset,
      int bytes,
      long value,
      String predicate,
      CorruptImage.Look look) {
    CorruptImage.assertNamed(
        original,
        i -> i.put(i.inode(path) + offset, bytes, value),
        i -> i.mendInode(path),
        look,
        "inode " + new CorruptImage(original).inodeNr(path),
        predicate);
  }

  private static void all(Ext4Volume volume) throws Ext4Exception {
    for (String path : new String[] {FILE, SHORT, "/large"}) {
      Ext4Inode inode = volume.resolve(path);
      for (String name : inode.xattrNames()) {
        inode.xattr(name);
      }
    }
  }
}
