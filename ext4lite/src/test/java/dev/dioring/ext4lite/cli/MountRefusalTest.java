package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts that cannot be: one clear line each, and an exit code that says what kind it is. */
class MountRefusalTest {
  @TempDir Path temp = Path.of("");

  private Path image = Path.of("");
  private Path directory = Path.of("");

  @BeforeEach
  void make() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    image = Ext4Image.make(temp.resolve("image"), "8M").file();
    directory = Files.createDirectory(temp.resolve("mount"));
  }

  @Test
  void mountPoints() throws Exception {
    mount(image, temp.resolve("missing")).refused(ExitStatus.NO_INPUT, "ENOENT", "make the");
    Path file = Files.createFile(temp.resolve("file"));
    mount(image, file).refused(ExitStatus.NO_INPUT, "ENOTDIR", "not a directory");
    mount(image, Path.of("/proc")).refused(ExitStatus.TEMP_FAIL, "EBUSY", "mounted there");
  }

  @Test
  void images() throws Exception {
    mount(temp.resolve("missing"), directory).refused(ExitStatus.NO_INPUT, "missing", "ENOENT");
    mount(directory, directory).refused(ExitStatus.NO_INPUT, "directory");
    Path text = Files.writeString(temp.resolve("text"), "no filesystem\n".repeat(1000));
    mount(text, directory).refused(ExitStatus.DATA, "not an ext4 image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(5 << 20);
    }
    mount(image, directory).refused(ExitStatus.DATA, "truncated");
  }

  @Test
  void parts() {
    mount(image, directory, "-o", "partition=1").refused(ExitStatus.NO_INPUT, "there is none");
    mount(image, directory, "-o", "offset=99999744").refused(ExitStatus.USAGE, "the image has");
    mount(image, directory, "-o", "offset=4096").refused(ExitStatus.DATA, "not an ext4 image");
  }

  @Test
  void options() {
    mount(image, directory, "-o", "noatmie").refused(ExitStatus.USAGE, "did you mean noatime?");
    mount(image, directory, "-o", "errors=oops").refused(ExitStatus.USAGE, "errors=oops");
    mount(image, directory, "--log-file=/nowhere/log")
        .refused(ExitStatus.CANT_CREATE, "/nowhere/log", "ENOENT");
  }

  @Test
  void corruptDescriptors() throws Exception {
    Ext4Image small = Ext4Image.make(temp.resolve("small"), "8M", "-b", "1024");
    try (RandomAccessFile file = new RandomAccessFile(small.file().toFile(), "rw")) {
      file.seek(2048 + 4);
      file.write(0xff);
    }
    mount(small.file(), directory).refused(ExitStatus.DATA, "group", "e2fsck");
  }

  @Test
  void directoriesWithoutAMount() throws IOException {
    CliRun.of("umount", directory).refused(ExitStatus.USAGE, "no image is mounted there");
    Assumptions.assumeTrue(LoopMount.isPossible(), "needs root");
    CliRun.of("umount", "/proc").refused(ExitStatus.USAGE, "no image is mounted there");
  }

  private static CliRun mount(Path image, Path directory, String... options) {
    Object[] words = new Object[options.length + 4];
    words[0] = "mount";
    words[1] = "--buffered";
    System.arraycopy(options, 0, words, 2, options.length);
    words[options.length + 2] = image;
    words[options.length + 3] = directory;
    return CliRun.of(words);
  }
}
