package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cat and cp move, and what cp refuses. */
class CopyTest {
  private static final int LARGE_BYTES = 3_000_001;
  private static final long SPARSE_BYTES = (1L << 30) + 777;

  private @TempDir Path directory;
  private Path image = Path.of("");
  private byte[] large = {};

  @BeforeEach
  void makeImage() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    large = new byte[LARGE_BYTES];
    new Random(4).nextBytes(large);
    Files.write(content.resolve("large"), large);
    Files.writeString(content.resolve("small"), "small content");
    Files.createFile(content.resolve("a:b:c"));
    Files.createFile(content.resolve("empty"));
    Files.createDirectory(content.resolve("dir"));
    try (RandomAccessFile sparse = new RandomAccessFile(content.resolve("sparse").toFile(), "rw")) {
      sparse.seek(1 << 20);
      sparse.write(1);
      sparse.setLength(SPARSE_BYTES);
    }
    image = directory.resolve("disk.img");
    Ext4Image.populated(image, "16M", content, "-b", "1024", "-O", "^has_journal");
  }

  @Test
  void filesComeOutAsTheyAre() throws Exception {
    assertArrayEquals(
        large,
        CliRun.of("cat", image, "large").succeeded().out().getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("", CliRun.of("cat", image, "/empty").succeeded().out());
    Path target = Files.writeString(directory.resolve("target"), "x".repeat(4_000_000));
    CliRun.of("cp", image + ":/large", target).succeeded();
    assertArrayEquals(large, Files.readAllBytes(target));
    CliRun.of("cp", image + ":/empty", target).succeeded();
    assertEquals(0, Files.size(target));
    CliRun.of("cp", image + ":/small", directory.resolve("content/dir")).succeeded();
    assertEquals("small content", Files.readString(directory.resolve("content/dir/small")));
  }

  @Test
  void holesStayHoles() throws Exception {
    Path target = directory.resolve("target");
    CliRun.of("cp", image + ":/sparse", target).succeeded();
    assertEquals(SPARSE_BYTES, Files.size(target));
    assertEquals(-1, Files.mismatch(directory.resolve("content/sparse"), target));
    long blocks = blocksOf(target);
    assertTrue(blocks <= 64, "blocks " + blocks);
  }

  @Test
  void filesGoInAsTheyAre() throws Exception {
    Path source = directory.resolve("content/large");
    CliRun.of("cp", source, image + ":/small").succeeded();
    CliRun.of("cp", directory.resolve("content/empty"), image + ":/empty").succeeded();
    assertArrayEquals(
        large,
        CliRun.of("cat", image, "/small").succeeded().out().getBytes(StandardCharsets.ISO_8859_1));
    Ext4Image.of(image).assertClean();
  }

  /** Nothing can be preallocated there. */
  @Test
  void filesGoIntoImagesWithoutExtents() throws Exception {
    Path old = directory.resolve("old.img");
    Ext4Image made = Ext4Image.make(old, "16M", "-t", "ext3");
    CliRun.of("cp", directory.resolve("content/large"), old + ":/file").succeeded();
    assertArrayEquals(
        large,
        CliRun.of("cat", old, "file").succeeded().out().getBytes(StandardCharsets.ISO_8859_1));
    CliRun.of("cp", directory.resolve("content/small"), old + ":/file").succeeded();
    assertEquals("small content", CliRun.of("cat", old, "file").succeeded().out());
    made.assertClean();
  }

  @Test
  void bothPartsMayHoldColons() throws Exception {
    Path odd = Files.createDirectory(directory.resolve("odd:")).resolve("im:age");
    Files.copy(image, odd);
    Path target = directory.resolve("target");
    CliRun.of("cp", odd + ":/small", target).succeeded();
    assertEquals("small content", Files.readString(target));
    CliRun.of("cp", odd + ":/a:b:c", target).succeeded();
    assertEquals(0, Files.size(target));
    CliRun.of("cp", image + ":/none:/x", target).refused(ExitStatus.NO_INPUT, "none:/x");
    // A file of such a name is that file.
    Path plain = Files.createDirectory(directory.resolve("p:")).resolve("f");
    Files.writeString(plain, "plain");
    CliRun.of("cp", plain, image + ":/empty").succeeded();
    assertEquals("plain", CliRun.of("cat", image, "/empty").succeeded().out());
  }

  @Test
  void nothingIsLostByACopyThatFails() throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "precious");
    CliRun.of("cp", image + ":/none", target).refused(ExitStatus.NO_INPUT, "ENOENT");
    CliRun.of("cp", image + ":/dir", target).refused(ExitStatus.NO_INPUT, "EISDIR");
    Path file = directory.resolve("none.img");
    CliRun.of("cp", file + ":/small", target).refused(ExitStatus.NO_INPUT, "ENOENT");
    assertEquals("precious", Files.readString(target));
    byte[] before = Files.readAllBytes(image);
    CliRun.of("cp", image + ":/small", image).refused(ExitStatus.USAGE, "the image itself");
    CliRun.of("cp", image, image + ":/small").refused(ExitStatus.USAGE, "the image itself");
    Path link = Files.createSymbolicLink(directory.resolve("link"), image);
    CliRun.of("cp", image + ":/small", link).refused(ExitStatus.USAGE, "the image itself");
    CliRun.of("cp", directory.resolve("none"), image + ":/small")
        .refused(ExitStatus.NO_INPUT, "none");
    CliRun.of("cp", directory, image + ":/small").refused(ExitStatus.NO_INPUT, "regular");
    assertArrayEquals(before, Files.readAllBytes(image));
    Path inside = directory.resolve("nowhere/target");
    CliRun.of("cp", image + ":/small", inside).refused(ExitStatus.CANT_CREATE, "nowhere");
    assertFalse(Files.exists(inside.getParent()));
  }

  private static long blocksOf(Path file) throws Exception {
    String output =
        dev.dioring.ext4lite.testimage.ExternalTool.run("stat", "-c", "%b", file.toString());
    assertTrue(Files.exists(file, LinkOption.NOFOLLOW_LINKS));
    return Long.parseLong(output.strip());
  }
}
