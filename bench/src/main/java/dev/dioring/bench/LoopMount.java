package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * The kernel's mount of an ext4 image, on a loop device of its own whose own I/O is direct ({@code
 * losetup --direct-io=on}) and in a directory of its own. Needs root.
 */
final class LoopMount implements AutoCloseable {
  private static final int ATTEMPTS = 20;
  private static final long RETRY_NANOS = 100_000_000;

  private final Path image;
  private final Path directory;
  private final String device;
  private boolean mounted;

  private LoopMount(Path image, Path directory, String device) {
    this.image = image;
    this.directory = directory;
    this.device = device;
  }

  static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"))
        && Files.exists(Path.of("/dev/loop-control"));
  }

  static LoopMount of(Path image) throws BenchException {
    if (!isPossible()) {
      throw new BenchException(
          BenchException.NO_PERMISSION,
          "comparing with the kernel's ext4 needs root and loop devices, to mount " + image);
    }
    Path directory;
    try {
      directory = Files.createTempDirectory("dioring-mount");
    } catch (IOException e) {
      throw new BenchException(
          BenchException.CANNOT_CREATE, "no directory to mount on: " + e.getMessage(), e);
    }
    LoopMount mount = null;
    try {
      String device =
          Commands.run("losetup", "--find", "--show", "--direct-io=on", image.toString()).strip();
      mount = new LoopMount(image, directory, device);
      mount.mount();
      return mount;
    } finally {
      if (mount == null || !mount.mounted) {
        if (mount != null) {
          mount.close();
        } else {
          delete(directory);
        }
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** Unmounts, so that nothing stays cached, and mounts again. */
  void remount() throws BenchException {
    unmount();
    mount();
  }

  private void mount() throws BenchException {
    Commands.run("mount", "-t", "ext4", device, directory.toString());
    mounted = true;
  }

  private void unmount() throws BenchException {
    // Whoever looks at all mounts, such as a monitor, may keep it busy for a moment.
    for (int attempt = 1; mounted; attempt++) {
      boolean last = attempt == ATTEMPTS;
      try {
        Commands.run("umount", directory.toString());
        mounted = false;
      } catch (BenchException e) {
        if (last) {
          Commands.run("umount", "--lazy", directory.toString());
          mounted = false;
        } else {
          LockSupport.parkNanos(RETRY_NANOS);
        }
      }
    }
  }

  @Override
  public void close() throws BenchException {
    try {
      if (mounted) {
        unmount();
      }
    } finally {
      Commands.run("losetup", "--detach", device);
      delete(directory);
    }
  }

  private static void delete(Path directory) throws BenchException {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "cannot remove " + directory + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return image + " on " + directory;
  }
}
