package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's mount of an ext4 image, on a loop device of its own whose own I/O is direct ({@code
 * losetup --direct-io=on}) and in a directory of its own. Needs root.
 */
final class LoopMount implements AutoCloseable {
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
    Commands.run("umount", directory.toString());
    mounted = false;
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
