package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule of superblock, descriptors, inodes and extent trees, broken by itself, is named. */
class CorruptInodeTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int SUPERBLOCK = 1024;
  private static final int I_BLOCK = 0x28;
  private static final String FILE = "/fragmented";

  @TempDir static Path directory;
  private static byte[] image = {};

  @BeforeAll
  static void makeImage() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("small"), "small");
    Files.createSymbolicLink(content.resolve("fast"), Path.of("small"));
    Files.createSymbolicLink(content.resolve("slow"), Path.of("./".repeat(40) + "small"));
    Ext4Image made =
        Ext4Image.populated(
            directory.resolve("image"),
            "4M",
            content,
            "-b",
            "1024",
            "-O",
            "^has_journal",
            "-N",
            "64");
    List<String> script = new ArrayList<>();
    List<String> free = new ArrayList<>();
    for (int block = 51; block < 4090; block += 2) {
      script.add("setb " + block);
      free.add("freeb " + block);
    }
    byte[] text = new byte[250 << 10];
    Arrays.fill(text, (byte) 't');
    Path scratch = Files.write(directory.resolve("scratch"), text);
    script.add("write " + scratch + " fragmented");
    script.addAll(free);
    made.debugfsWrite(script.toArray(String[]::new));
    made.settle();
    made.assertClean();
    image = made.bytes();
  }

  @Test
  void superblocks() {
    superblock(0x18, 7, "s_log_block_size");
    superblock(0x20, 0, "s_blocks_per_group");
    superblock(0x20, 8193, "s_blocks_per_group");
    superblock(0x28, 0, "s_inodes_per_group");
    superblock(0x28, 9000, "s_inodes_per_group");
    superblock(0x00, 65, "s_inodes_count");
    superblock(0x14, 0, "s_first_data_block");
    superblock(0x4c, 2, "s_rev_level");
    superblock(0x54, 3, "s_first_ino");
    superblock(0x04, 0, "s_blocks_count");
    superblock16(0x58, 100, "s_inode_size");
    superblock16(0x58, 2048, "s_inode_size");
    superblock16(0xfe, 65, "s_desc_size");
    superblock16(0xce, 60_000, "s_reserved_gdt_blocks");
    CorruptImage image = new CorruptImage(CorruptInodeTest.image).put8(SUPERBLOCK + 0x175, 2);
    image.mendSuperblock();
    assertTrue(image.refusal(v -> {}).contains("superblock: s_checksum_type"));
  }

  @Test
  void descriptors() {
    descriptor32(0x00, 0, "bg_block_bitmap");
    descriptor32(0x00, 4096, "bg_block_bitmap");
    descriptor32(0x04, 1 << 30, "bg_inode_bitmap");
    descriptor32(0x08, 4090, "bg_inode_table");
    descriptor32(0x28, 1, "bg_inode_table");
    descriptor16(0x0c, 8193, "bg_free_blocks_count");
    descriptor16(0x0e, 65, "bg_free_inodes_count");
    descriptor16(0x1c, 65, "bg_itable_unused");
    CorruptImage overlap = new CorruptImage(image);
    overlap.put32(overlap.descriptor(0), overlap.descriptorOf(0).inodeTableBlockNr());
    overlap.mendDescriptor(0);
    assertTrue(overlap.refusal(v -> {}).contains("shares no block with"));
  }

  @Test
  void inodes() {
    inode("/small", 0x00, 2, 0, "i_mode");
    inode("/small", 0x00, 2, 0xf000, "i_mode");
    inode("/small", 0x1a, 2, 0, "i_links_count");
    inode("/small", 0x80, 2, 3, "i_extra_isize");
    inode("/small", 0x80, 2, 130, "i_extra_isize");
    inode("/small", 0x6f, 1, 0x80, "i_size");
    inode("/small", 0x68, 4, 5000, "i_file_acl");
    inode("/small", 0x68, 4, 1, "i_file_acl");
    inode("/small", 0x20, 4, 0x1008_0000, "i_flags: expected INLINE_DATA only with inline_data");
    inode("/small", 0x20, 4, 0x4008_0000, "i_flags: expected CASEFOLD only with casefold");
    inode("/fast", 0x04, 4, 0, "i_size of a symlink");
    inode("/slow", 0x04, 4, BLOCK_BYTES + 1, "i_size of a symlink");
    inode("/", 0x04, 4, BLOCK_BYTES - 1, "i_size", CorruptImage.listing("/"));
    inode("/", 0x04, 4, 5000 * BLOCK_BYTES, "no more than the volume's", CorruptImage.listing("/"));
    inode("/fast", I_BLOCK + 2, 1, 0, "its target", v -> v.resolve("/fast"));
    inode("/slow", 0x04, 4, 500, "its target", v -> v.resolve("/slow"));
  }

  @Test
  void rootsOfExtentTrees() {
    inode("/small", I_BLOCK, 2, 0xf30b, "eh_magic");
    inode("/small", I_BLOCK + 2, 2, 5, "eh_entries <= eh_max");
    inode("/small", I_BLOCK + 4, 2, 5, "eh_max");
    inode("/small", I_BLOCK + 4, 2, 0, "eh_max");
    inode("/small", I_BLOCK + 6, 2, 6, "eh_depth");
    inode(FILE, I_BLOCK + 2, 2, 0, "eh_entries of an index");
    inode("/small", I_BLOCK + 16, 2, 0, "ee_len of entry 0");
    inode("/small", I_BLOCK + 20, 4, 0, "blocks of entry 0");
    inode("/small", I_BLOCK + 20, 4, 4096, "blocks of entry 0");
    inode("/small", I_BLOCK + 18, 2, 1, "blocks of entry 0");
    inode(FILE, I_BLOCK + 16, 4, 4097, "ei_leaf of entry 0");
    inode(FILE, I_BLOCK + 6, 2, 3, "eh_depth", CorruptImage.reading(FILE));
    inode(FILE, I_BLOCK + 6, 2, 0, "blocks of entry 0");
    inode(FILE, I_BLOCK + 24, 4, 0, "entry 1 is behind the one before");
    inode(FILE, I_BLOCK + 12, 4, 1, "starts where its index says", CorruptImage.reading(FILE));
  }

  @Test
  void nodesOfExtentTrees() {
    extents(0, 2, 0xf30b, "eh_magic");
    extents(2, 2, 1000, "eh_entries <= eh_max");
    extents(4, 2, 85, "eh_max");
    extents(4, 2, 0, "eh_max");
    extents(6, 2, 1, "eh_depth");
    extents(12, 4, 1, "starts where its index says");
    extents(24, 4, 0, "entry 1 is behind the one before");
    extents(16, 2, 0, "ee_len of entry 0");
    extents(16, 2, 0x8000, "blocks of entry 0");
    extents(20, 4, 1, "blocks of entry 0");
    extents(18, 2, 9, "blocks of entry 0");
    // The tail is right behind the last entry there is room for.
    CorruptImage tail = new CorruptImage(image);
    long node = child(tail);
    tail.put8(tail.at(node) + 12 + 84 * 12, tail.u8(tail.at(node) + 12 + 84 * 12) ^ 1);
    String message = tail.refusal(CorruptImage.reading(FILE));
    assertTrue(message.contains("in block " + node + ": checksum"), message);
  }

  @Test
  void bitmaps() {
    CorruptImage stale = new CorruptImage(image);
    long bitmap = stale.descriptorOf(0).blockBitmapBlockNr();
    stale.put8(stale.at(bitmap) + 400, 0xff);
    CorruptImage.Look allocating =
        volume -> {
          try (Ext4File file = volume.openFile(volume.resolve("/small"), true)) {
            file.fallocate(0, 100 << 10, false);
          }
        };
    String message = stale.refusalOfWriting(allocating);
    assertTrue(message.contains("block bitmap of group 0 in block " + bitmap + ": checksum"));
  }

  private static long child(CorruptImage image) {
    return image.i32(image.inode(FILE) + I_BLOCK + 16);
  }

  private static void superblock(int offset, long value, String predicate) {
    CorruptImage.assertNamed(
        image,
        i -> i.put32(SUPERBLOCK + offset, value),
        CorruptImage::mendSuperblock,
        v -> {},
        "superblock",
        predicate);
  }

  private static void superblock16(int offset, long value, String predicate) {
    CorruptImage.assertNamed(
        image,
        i -> i.put16(SUPERBLOCK + offset, value),
        CorruptImage::mendSuperblock,
        v -> {},
        "superblock",
        predicate);
  }

  private static void descriptor32(int offset, long value, String predicate) {
    CorruptImage.assertNamed(
        image,
        i -> i.put32(i.descriptor(0) + offset, value),
        i -> i.mendDescriptor(0),
        v -> {},
        "descriptor of group 0",
        predicate);
  }

  private static void descriptor16(int offset, long value, String predicate) {
    CorruptImage.assertNamed(
        image,
        i -> i.put16(i.descriptor(0) + offset, value),
        i -> i.mendDescriptor(0),
        v -> {},
        "descriptor of group 0",
        predicate);
  }

  private static void inode(String path, int offset, int bytes, long value, String predicate) {
    inode(path, offset, bytes, value, predicate, volume -> volume.resolve(path, false));
  }

  private static void inode(
      String path, int offset, int bytes, long value, String predicate, CorruptImage.Look look) {
    String inodeNr = Long.toString(new CorruptImage(image).inodeNr(path));
    CorruptImage.assertNamed(
        image,
        i -> i.put(i.inode(path) + offset, bytes, value),
        i -> i.mendInode(path),
        look,
        inodeNr,
        predicate);
  }

  private static void extents(int offset, int bytes, long value, String predicate) {
    CorruptImage pristine = new CorruptImage(image);
    long node = child(pristine);
    CorruptImage.assertNamed(
        image,
        i -> i.put(i.at(node) + offset, bytes, value),
        i -> {
          if (offset != 4) {
            i.mendExtents(FILE, node);
          }
        },
        CorruptImage.reading(FILE),
        "extent node of inode " + pristine.inodeNr(FILE) + " in block " + node,
        predicate);
  }
}
