package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.RawDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule of directory blocks and of their index, broken by itself, is named. */
class CorruptDirectoryTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int ROOT_TABLE = 0x20;
  private static final int NODE_TABLE = 0x08;
  private static final int DOTS_BYTES = 24;
  private static final String LINEAR = "/linear";
  private static final String INDEXED = "/indexed";

  @TempDir static Path directory;
  private static byte[] image = {};

  @BeforeAll
  static void makeImage() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Path linear = Files.createDirectory(content.resolve("linear"));
    for (int i = 0; i < 5; i++) {
      Files.createFile(linear.resolve("name-" + i));
    }
    Ext4Image made =
        Ext4Image.populated(
            directory.resolve("image"), "4M", content, "-b", "1024", "-O", "^has_journal");
    List<String> names = IntStream.range(0, 6000).mapToObj(i -> "entry-number-" + i).toList();
    RawDirectory.add(made, "indexed", names, BLOCK_BYTES, directory.resolve("scratch"));
    made.assertClean();
    image = made.bytes();
  }

  @Test
  void entries() {
    leaf(DOTS_BYTES + 4, 2, 0, "rec_len of the entry at 24");
    leaf(DOTS_BYTES + 4, 2, 13, "rec_len of the entry at 24");
    leaf(DOTS_BYTES + 4, 2, 8, "rec_len of the entry at 24");
    leaf(DOTS_BYTES + 4, 2, 1004, "rec_len of the entry at 24");
    leaf(DOTS_BYTES + 6, 1, 0, "name_len of the entry at 24");
    leaf(DOTS_BYTES + 6, 1, 200, "rec_len of the entry at 24");
    leaf(DOTS_BYTES, 4, 100_000, "inode of the entry at 24");
    leaf(DOTS_BYTES, 4, -1, "inode of the entry at 24");
    leaf(DOTS_BYTES + 8, 1, '/', "name of the entry at 24");
    leaf(DOTS_BYTES + 9, 1, 0, "name of the entry at 24");
  }

  @Test
  void dots() {
    leaf(0, 4, 2, "inode of \".\"");
    leaf(8, 1, 'x', "first entry is \".\"");
    leaf(12 + 9, 1, 'x', "second entry is \"..\"");
    leaf(12, 4, 0, "inode of \"..\"");
    leaf(4, 2, 16, "rec_len");
  }

  @Test
  void checksumsOfLeaves() {
    CorruptImage absent = new CorruptImage(image);
    long block = absent.fileBlock(LINEAR, 0);
    absent.put8(absent.at(block) + BLOCK_BYTES - 5, 0xdd);
    assertNamed(absent, LINEAR, block, "checksum entry at its end");
    CorruptImage other = new CorruptImage(image);
    other.put8(other.at(block) + BLOCK_BYTES - 1, other.u8(other.at(block) + BLOCK_BYTES - 1) + 1);
    assertNamed(other, LINEAR, block, "checksum");
    // A block that moved to another directory has a checksum that is not of this one.
    CorruptImage moved = new CorruptImage(image);
    long from = moved.at(moved.fileBlock("/", 0));
    for (int i = 4; i < BLOCK_BYTES; i += 4) {
      moved.put32(moved.at(block) + i, moved.i32(from + i));
    }
    assertNamed(moved, LINEAR, block, "checksum");
  }

  @Test
  void roots() {
    root(0x18, 4, 1, "dx_root reserved_zero");
    root(0x1d, 1, 7, "dx_root info_length");
    root(0x1e, 1, 2, "dx_root indirect_levels");
    root(0x1f, 1, 1, "dx_root unused_flags");
    root(ROOT_TABLE, 2, 122, "dx limit");
    root(ROOT_TABLE + 2, 2, 0, "dx count");
    root(ROOT_TABLE + 2, 2, 124, "dx count");
    root(ROOT_TABLE + 4, 4, 5000, "block in its index");
    root(ROOT_TABLE + 4, 4, 2, "an index node");
    root(ROOT_TABLE + 4, 4, 0, "an index node");
  }

  @Test
  void nodes() {
    // Without its limit a node is no node, and a leaf it is not either.
    node(NODE_TABLE, 2, 1, "checksum entry at its end");
    node(NODE_TABLE + 2, 2, 0, "dx count");
    node(NODE_TABLE + 2, 2, 200, "dx count");
    node(NODE_TABLE + 16, 4, 0, "dx hash of entry 2 not below");
    node(NODE_TABLE + 4, 4, 0x0fff_ffff, "block in its index");
  }

  /** Every entry leads to one node, whose every entry leads to one leaf: look-ups end anyway. */
  @Test
  void indexesThatLeadToTheSameLeavesEnd() {
    CorruptImage loop = new CorruptImage(image);
    String name = "missing";
    long hash = loop.hash(name);
    long root = loop.at(loop.fileBlock(INDEXED, 0));
    long node = loop.at(loop.fileBlock(INDEXED, loop.i32(root + ROOT_TABLE + 4)));
    fill(loop, root + ROOT_TABLE, loop.i32(root + ROOT_TABLE + 4), hash);
    fill(loop, node + NODE_TABLE, loop.i32(node + NODE_TABLE + 4), hash);
    loop.mendIndex(INDEXED, root / BLOCK_BYTES, ROOT_TABLE);
    loop.mendIndex(INDEXED, node / BLOCK_BYTES, NODE_TABLE);
    String message =
        loop.refusal(
            volume -> {
              byte[] indexed = {'i', 'n', 'd', 'e', 'x', 'e', 'd'};
              InodeAttributes found = volume.namespace().lookup(2, indexed);
              assertNotNull(found);
              volume.namespace().readDirectory(found.inodeNr(), 0, (nr, kind, n, cookie) -> true);
            });
    assertTrue(message.contains("leaves it leads to"), message);
    message = loop.refusal(volume -> volume.resolve(INDEXED).lookUp(name));
    assertTrue(message.contains("leaves it leads to"), message);
  }

  /** Fills a table with entries that all continue one hash in one block. */
  private static void fill(CorruptImage image, long table, long block, long hash) {
    int limit = image.u16(table);
    image.put16(table + 2, limit);
    for (int i = 1; i < limit; i++) {
      image.put32(table + 8L * i, hash | HtreeNode.CONTINUED).put32(table + 8L * i + 4, block);
    }
  }

  private static void leaf(int offset, int bytes, long value, String predicate) {
    CorruptImage pristine = new CorruptImage(image);
    long block = pristine.fileBlock(LINEAR, 0);
    CorruptImage.assertNamed(
        image,
        i -> i.put(i.at(block) + offset, bytes, value),
        i -> i.mendLeaf(LINEAR, block),
        CorruptImage.listing(LINEAR),
        "directory " + pristine.inodeNr(LINEAR) + ", its block 0 in block " + block,
        predicate);
  }

  private static void root(int offset, int bytes, long value, String predicate) {
    index(0, ROOT_TABLE, offset, bytes, value, predicate);
  }

  private static void node(int offset, int bytes, long value, String predicate) {
    CorruptImage pristine = new CorruptImage(image);
    int first = pristine.i32(pristine.at(pristine.fileBlock(INDEXED, 0)) + ROOT_TABLE + 4);
    index(first, NODE_TABLE, offset, bytes, value, predicate);
  }

  private static void index(
      long fileBlockNr, int table, int offset, int bytes, long value, String predicate) {
    CorruptImage pristine = new CorruptImage(image);
    long block = pristine.fileBlock(INDEXED, fileBlockNr);
    boolean limit = offset == table;
    CorruptImage.assertNamed(
        image,
        i -> i.put(i.at(block) + offset, bytes, value),
        i -> {
          if (!limit) {
            i.mendIndex(INDEXED, block, table);
          }
        },
        volume -> {
          for (int i = 0; i < 6000; i += 7) {
            volume.resolve(INDEXED).lookUp("entry-number-" + i);
          }
        },
        "directory " + pristine.inodeNr(INDEXED),
        predicate);
  }

  private static void assertNamed(CorruptImage image, String path, long block, String predicate) {
    String message = image.refusal(CorruptImage.listing(path));
    assertTrue(message.contains("in block " + block + ": " + predicate), message);
  }
}
