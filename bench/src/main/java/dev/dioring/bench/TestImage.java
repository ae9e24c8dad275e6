package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * An ext4 image for measuring, made by {@code mkfs.ext4}, and with every block of the image file
 * written, so that the file system below has nothing left to allocate.
 */
final class TestImage implements AutoCloseable {
  private final Path image;
  private final Path content;
  private final String size;

  private TestImage(Path image, Path content, String size) {
    this.image = image;
    this.content = content;
    this.size = size;
  }

  static TestImage make(Path image, String size) throws BenchException {
    try {
      Path parent = image.toAbsolutePath().getParent();
      return new TestImage(image, Files.createTempDirectory(parent, "dioring-bench"), size);
    } catch (IOException e) {
      throw failed("making " + image, e);
    }
  }

  /** Adds an empty file. */
  void file(String name) throws BenchException {
    written(name, "0");
  }

  /** Adds a file with content. */
  void written(String name, String bytes) throws BenchException {
    fill(content.resolve(name), Quantity.bytes("--size", bytes));
  }

  /** Adds a directory of empty files. */
  void directory(String name, int entries) throws BenchException {
    try {
      Path directory = Files.createDirectory(content.resolve(name));
      for (int i = 0; i < entries; i++) {
        Files.createFile(directory.resolve("file-" + i));
      }
    } catch (IOException e) {
      throw failed("making " + entries + " files", e);
    }
  }

  /** Makes the image of what was added. */
  void format() throws BenchException {
    format("^has_journal");
  }

  /** Makes it with a journal. */
  void formatJournaled() throws BenchException {
    format("has_journal");
  }

  private void format(String features) throws BenchException {
    fill(image, Quantity.bytes("--size", size));
    Commands.run(
        List.of(
            "mkfs.ext4",
            "-q",
            "-F",
            "-E",
            "nodiscard,lazy_itable_init=0",
            "-O",
            features,
            "-d",
            content.toString(),
            image.toString()));
    Commands.run("sync", image.toString());
  }

  private static void fill(Path file, long bytes) throws BenchException {
    JobSpec spec =
        DeviceScenarios.spec(
            List.of("--filename=" + file, "--size=" + Math.max(bytes, 4096), "--rw=write"));
    try {
      if (bytes == 0) {
        Files.createFile(file);
      } else {
        Medium.layOut(spec, 0);
      }
    } catch (IOException e) {
      throw failed("making " + file, e);
    }
  }

  @Override
  public void close() throws BenchException {
    try (Stream<Path> files = Files.walk(content)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw failed("removing " + content, e);
    }
  }

  private static BenchException failed(String what, IOException e) {
    return new BenchException(BenchException.CANNOT_CREATE, what + ": " + e.getMessage(), e);
  }
}
