package dev.dioring.ext4lite.fuse;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;

/** An image mounted by this process, until it is closed. Its users are other processes. */
final class MountedImage implements AutoCloseable {
  private static final long END_SECONDS = 60;

  private final Path directory;
  private final FutureTask<Void> end;

  private final String transportName;

  private MountedImage(Path directory, String transportName, FutureTask<Void> end) {
    this.transportName = transportName;
    this.directory = directory;
    this.end = end;
  }

  /** Skips the test where nothing can be mounted through FUSE. */
  static void assumePossible() {
    Assumptions.assumeTrue(Files.isReadable(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(LoopMount.isPossible(), "mounting needs root");
  }

  /** Mounts an image on a new directory. */
  static MountedImage mount(Path image, Path directory, String... options)
      throws IOException, InterruptedException {
    return mount(image, directory, OpenOptions.DEFAULT.withBuffered(true), options);
  }

  /** Mounts an image, opened in a certain way, on a new directory. */
  static MountedImage mount(Path image, Path directory, OpenOptions opened, String... options)
      throws IOException, InterruptedException {
    assumePossible();
    Files.createDirectory(directory);
    FuseMount mount = FuseMount.mount(image, directory, opened, List.of(options));
    FutureTask<Void> end =
        new FutureTask<>(
            () -> {
              mount.awaitEnd();
              return null;
            });
    Thread.ofPlatform().daemon(true).name("await-end").start(end);
    return new MountedImage(directory, mount.transportName(), end);
  }

  Path directory() {
    return directory;
  }

  String transportName() {
    return transportName;
  }

  /** Runs a shell command in the mounted directory, which must succeed. */
  String run(String command) throws IOException, InterruptedException {
    return ExternalTool.run("sh", "-c", "cd " + directory + " && " + command);
  }

  /** The same, for one that may fail. */
  ExternalTool.Outcome tryRun(String command) throws IOException, InterruptedException {
    return ExternalTool.tryRun(List.of("sh", "-c", "cd " + directory + " && " + command));
  }

  /** Unmounts and waits until the image is closed. */
  @Override
  public void close() throws IOException {
    try {
      unmount();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("umount was interrupted", e);
    }
  }

  private void unmount() throws IOException, InterruptedException {
    ExternalTool.Outcome outcome = ExternalTool.tryRun(List.of("umount", directory.toString()));
    if (outcome.exitCode() != 0) {
      ExternalTool.Outcome unused =
          ExternalTool.tryRun(List.of("umount", "-l", directory.toString()));
    }
    try {
      end.get(END_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the mount did not end", e);
    }
    Files.delete(directory);
    if (outcome.exitCode() != 0) {
      throw new IOException("umount: " + outcome.output());
    }
  }
}
