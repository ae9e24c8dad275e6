package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that change an image, judged by e2fsck and debugfs. */
class ChangeCommandsTest {
  private static final long SEED = 20261128;

  @TempDir Path directory;

  @Test
  void changeAnImage() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M");
    String disk = image.file().toString();
    assertEquals(ExitStatus.OK, run("mkdir", "-p", disk, "/a/b/c"));
    assertEquals(ExitStatus.CANT_CREATE, run("mkdir", disk, "/a"));
    assertEquals(ExitStatus.OK, run("touch", disk, "/a/file"));
    assertEquals(ExitStatus.OK, run("ln", disk, "/a/file", "/a/b"));
    assertEquals(ExitStatus.OK, run("ln", "-s", disk, "../file", "/a/b/link"));
    assertEquals(ExitStatus.OK, run("mv", disk, "/a/file", "/a/b/c"));
    assertEquals(ExitStatus.OK, run("chmod", disk, "0640", "/a/b/c/file"));
    assertEquals(ExitStatus.OK, run("truncate", "-s", "5000", disk, "/a/b/file"));
    image.assertClean();
    String stat = image.debugfs("stat /a/b/c/file");
    assertEquals(true, stat.contains("Mode:  0640") && stat.contains("Size: 5000"), stat);
    assertEquals(true, image.debugfs("stat /a/b/link").contains("../file"));
    assertEquals(ExitStatus.NO_INPUT, run("rm", disk, "/a"));
    assertEquals(ExitStatus.NO_INPUT, run("rm", disk, "/missing"));
    assertEquals(ExitStatus.OK, run("rm", "-r", disk, "/a"));
    image.assertClean();
  }

  @Test
  void copyATreeIn() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M");
    String disk = image.file().toString();
    byte[] content = new byte[3_000_001];
    new Random(SEED).nextBytes(content);
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.write(tree.resolve("large"), content);
    Files.writeString(Files.createDirectory(tree.resolve("sub")).resolve("small"), "small");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("sub/small"));
    assertEquals(ExitStatus.NO_INPUT, run("cp", tree.toString(), disk + ":/"));
    assertEquals(ExitStatus.OK, run("cp", "-r", tree.toString(), disk + ":/"));
    image.assertClean();
    Path dump = directory.resolve("dump");
    image.debugfs("dump /tree/large " + dump);
    assertEquals(-1, Files.mismatch(dump, tree.resolve("large")), "seed " + SEED);
    Path small = tree.resolve("sub/small");
    assertEquals(ExitStatus.OK, run("cp", small.toString(), disk + ":/tree/large"));
    image.assertClean();
    image.debugfs("dump /tree/large " + dump);
    assertEquals(-1, Files.mismatch(dump, small));
  }

  private static int run(Object... arguments) {
    return CliRun.of(arguments).exit();
  }
}
