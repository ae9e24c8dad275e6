package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The kernel's own mount of an image, through a loop device, until it is closed. */
public final class LoopMount implements AutoCloseable {
  private final Path directory;

  private LoopMount(Path directory) {
    this.directory = directory;
  }

  /** Whether this process can mount images at all. */
  public static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"))
        && Files.exists(Path.of("/dev/loop-control"))
        && ExternalTool.installed("mount");
  }

  /** Mounts an image on a new directory. Skips the test where nothing can be mounted. */
  public static LoopMount readOnly(Path image, Path directory)
      throws IOException, InterruptedException {
    return mount(image, directory, "ro,loop");
  }

  /** The same for writing. */
  public static LoopMount writable(Path image, Path directory)
      throws IOException, InterruptedException {
    return mount(image, directory, "rw,loop");
  }

  /** The same for writing, with more of mount's options, such as "data=journal". */
  public static LoopMount writable(Path image, Path directory, String options)
      throws IOException, InterruptedException {
    return mount(image, directory, options.isEmpty() ? "rw,loop" : "rw,loop," + options);
  }

  private static LoopMount mount(Path image, Path directory, String options)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(isPossible(), "mounting needs root and loop devices");
    Files.createDirectory(directory);
    List<String> command =
        List.of("mount", "-t", "ext4", "-o", options, image.toString(), directory.toString());
    ExternalTool.Outcome outcome = ExternalTool.tryRun(command);
    if (outcome.exitCode() != 0) {
      Files.delete(directory);
      throw new IOException("mount of " + image + ": " + outcome.output());
    }
    return new LoopMount(directory);
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    try {
      ExternalTool.run("umount", directory.toString());
      Files.delete(directory);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("umount was interrupted", e);
    }
  }
}
