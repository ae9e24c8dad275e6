package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input gives one clear line and the right exit code, and changes nothing. */
class BadImageTest {
  private static final int SUPERBLOCK = 1024;

  private @TempDir Path directory;
  private Path image = Path.of("");
  private Path source = Path.of("");

  @BeforeEach
  void name() throws IOException {
    image = directory.resolve("disk.img");
    source = Files.writeString(directory.resolve("source"), "new content");
  }

  @Test
  void missingImages() {
    refusedByAll(ExitStatus.NO_INPUT, "ENOENT");
  }

  @Test
  void whatIsNoImage() throws Exception {
    Files.createFile(image);
    refusedByAll(ExitStatus.DATA, "it is empty");
    Files.write(image, new byte[1 << 20]);
    refusedByAll(ExitStatus.DATA, "not an ext4 image");
    Files.write(image, new byte[1500]);
    refusedByAll(ExitStatus.DATA, "not an ext4 image");
    Files.delete(image);
    Files.createDirectory(image);
    for (List<Object> line : lines()) {
      CliRun.of(line.toArray()).refused(ExitStatus.NO_INPUT, "directory");
    }
  }

  @Test
  void devicesThatAreNoBlockDevices() {
    CliRun.of("ls", "/dev/null").refused(ExitStatus.NO_INPUT, "/dev/null");
    CliRun.of("info", "/dev/zero").refused(ExitStatus.NO_INPUT, "/dev/zero");
  }

  @Test
  void whatTheImageHoldsInsteadIsSaid() throws Exception {
    written(0, "QFI\u00fb");
    refusedByAll(ExitStatus.DATA, "qcow2");
    written(0, "XFSB");
    refusedByAll(ExitStatus.DATA, "XFS");
    written(512, "EFI PART");
    refusedByAll(ExitStatus.DATA, "partitions (GPT)", "--partition");
    written(446, "\u0080\0\0\0\u0083\0\0\0\0\u0008\0\0\0\u0010\0\0");
    patch(510, 0x55);
    patch(511, 0xaa);
    refusedByAll(ExitStatus.DATA, "partitions (DOS)", "number 1 starts at byte 1048576");
  }

  @Test
  void truncatedImages() throws Exception {
    make("8M");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(5 << 20);
    }
    refusedByAll(ExitStatus.DATA, "truncated", "8388608");
  }

  @Test
  void corruptSuperblocksWithGoodBackups() throws Exception {
    make("16M");
    patch(SUPERBLOCK + 0x30, 0xff);
    refusedByAll(ExitStatus.DATA, "superblock: checksum", "e2fsck -b 8193");
  }

  @Test
  void corruptSuperblocksWithoutBackups() throws Exception {
    make("2M");
    patch(SUPERBLOCK + 0x30, 0xff);
    refusedByAll(ExitStatus.DATA, "superblock: checksum");
  }

  @Test
  void unsupportedFeatures() throws Exception {
    make("4M", "-O", "^metadata_csum");
    patch(SUPERBLOCK + 0x61, 0x10);
    refusedByAll(ExitStatus.UNAVAILABLE, "dirdata");
  }

  @Test
  void imagesInUse() throws Exception {
    make("4M");
    try (Ext4Volume user = Ext4Volume.open(image, VolumeOptions.READ_WRITE)) {
      assertTrue(user.root().isDirectory());
      byte[] before = Files.readAllBytes(image);
      for (List<Object> line : lines()) {
        CliRun.of(line.toArray())
            .refused(ExitStatus.TEMP_FAIL, "in use by another ext4lite", image.toString());
      }
      assertArrayEquals(before, Files.readAllBytes(image));
    }
    CliRun.of("ls", image).succeeded();
  }

  @Test
  void imagesWithoutPermission() throws Exception {
    Assumptions.assumeFalse(
        "root".equals(System.getProperty("user.name")), "root may read everything");
    make("4M");
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("---------"));
    refusedByAll(ExitStatus.NO_PERMISSION, "EACCES");
  }

  @Test
  void pathsThatLeadNowhere() throws Exception {
    make("4M");
    Ext4Image.of(image).debugfsWrite("symlink loop loop");
    for (String command : new String[] {"ls", "cat", "stat", "xattr"}) {
      CliRun.of(command, image, "/none").refused(ExitStatus.NO_INPUT, "/none", "ENOENT");
      CliRun.of(command, image, "/file/x").refused(ExitStatus.NO_INPUT, "ENOTDIR");
      CliRun.of(command, image, "/file/").refused(ExitStatus.NO_INPUT, "ENOTDIR");
      CliRun.of(command, image, "/loop/x").refused(ExitStatus.NO_INPUT, "ELOOP");
      CliRun.of(command, image, "/" + "n".repeat(256)).refused(ExitStatus.USAGE, "ENAMETOOLONG");
    }
    CliRun.of("cat", image, "/loop").refused(ExitStatus.NO_INPUT, "ELOOP");
    CliRun.of("cat", image, "/").refused(ExitStatus.NO_INPUT, "EISDIR");
    CliRun.of("xattr", "-n", "user.none", image, "/file").refused(ExitStatus.NO_INPUT, "user.none");
  }

  @Test
  void fullImages() throws Exception {
    make("2M");
    Path large = Files.write(directory.resolve("large"), new byte[3 << 20]);
    CliRun.of("cp", large, image + ":/file").refused(ExitStatus.CANT_CREATE, "ENOSPC");
    Ext4Image.of(image).assertClean();
  }

  @Test
  void readOnlyMedia() throws Exception {
    Assumptions.assumeTrue(LoopMount.isPossible(), "read-only devices need root and loop devices");
    make("4M");
    String device = ExternalTool.run("losetup", "-f", "--show", "-r", image.toString()).strip();
    try {
      CliRun.of("ls", device).succeeded();
      CliRun.of("cp", source, device + ":/file").refused(ExitStatus.NO_PERMISSION, "read-only");
    } finally {
      ExternalTool.run("losetup", "-d", device);
    }
  }

  private void refusedByAll(int exit, String... mentions) {
    for (List<Object> line : lines()) {
      byte[] before = read();
      CliRun run = CliRun.of(line.toArray()).refused(exit, mentions);
      assertTrue(run.err().contains(image.toString()), run.err());
      assertFalse(run.err().contains("Exception"), run.err());
      assertArrayEquals(before, read());
    }
    assertFalse(Files.exists(directory.resolve("target")), "no target is made");
  }

  private byte[] read() {
    try {
      return Files.isRegularFile(image) ? Files.readAllBytes(image) : new byte[0];
    } catch (IOException e) {
      return new byte[] {1};
    }
  }

  private List<List<Object>> lines() {
    return List.of(
        List.of("ls", image),
        List.of("ls", "-lR", "--json", image, "/"),
        List.of("cat", image, "/file"),
        List.of("stat", image, "/file"),
        List.of("info", "--json", image),
        List.of("xattr", image, "/file"),
        List.of("cp", image + ":/file", directory.resolve("target")),
        List.of("cp", source, image + ":/file"));
  }

  private void make(String size, String... options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("file"), "content");
    String[] all = new String[options.length + 4];
    System.arraycopy(new String[] {"-b", "1024", "-O", "^has_journal"}, 0, all, 0, 4);
    System.arraycopy(options, 0, all, 4, options.length);
    Ext4Image.populated(image, size, content, all);
  }

  private void written(int at, String magic) throws IOException {
    byte[] bytes = new byte[1 << 16];
    byte[] start = magic.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(start, 0, bytes, at, start.length);
    Files.write(image, bytes);
  }

  private void patch(long at, int value) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(at);
      file.write(value);
    }
  }
}
