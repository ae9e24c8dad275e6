package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * An advisory lock on an image: shared by readers, exclusive for a writer. The kernel drops it when
 * the process ends, however it ends. A writer refuses an image that the kernel itself uses, and
 * keeps it from mounting the device.
 */
final class ImageLock implements AutoCloseable {
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");
  private static final int FILE_KIND = 0170000;
  private static final int BLOCK_DEVICE = 0060000;

  private final int fd;

  private ImageLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock or fails at once.
   *
   * @throws Ext4Exception EBUSY if another ext4lite or the kernel has the image, or why it cannot
   *     be opened
   */
  static ImageLock take(Path image, boolean exclusive) throws Ext4Exception {
    int claim = 0;
    if (exclusive && isBlockDevice(image)) {
      // The kernel gives a device to one such holder, of which its own mounts are some.
      claim = LinuxFiles.O_EXCL;
    } else if (exclusive) {
      requireUnattached(image);
    }
    int flags = LinuxFiles.O_RDONLY | LinuxFiles.O_NONBLOCK | claim;
    int fd = LinuxFiles.open(image.toString(), flags, 0);
    if (fd < 0) {
      String advice =
          switch (-fd) {
            case Errno.ENOENT -> "check the path";
            case Errno.EACCES -> "check its permissions";
            case Errno.EBUSY -> "the kernel has mounted it, or something else holds it";
            default -> "";
          };
      throw new Ext4Exception("opening " + image, -fd, advice);
    }
    int mode = exclusive ? LinuxFiles.LOCK_EX : LinuxFiles.LOCK_SH;
    int result = LinuxFiles.flock(fd, mode | LinuxFiles.LOCK_NB);
    if (result < 0) {
      int unused = LinuxFiles.close(fd);
      int errno = result == -Errno.EAGAIN ? Errno.EBUSY : -result;
      throw new Ext4Exception("opening " + image, errno, "the image is in use by another ext4lite");
    }
    return new ImageLock(fd);
  }

  private static boolean isBlockDevice(Path image) {
    try {
      int mode = (Integer) Files.getAttribute(image, "unix:mode");
      return (mode & FILE_KIND) == BLOCK_DEVICE;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Refuses a file that a loop device stands for: the kernel may have what is mounted in memory.
   */
  private static void requireUnattached(Path image) throws Ext4Exception {
    try (DirectoryStream<Path> loops = Files.newDirectoryStream(BLOCK_DEVICES, "loop*")) {
      for (Path loop : loops) {
        if (isBackedBy(loop, image)) {
          throw new Ext4Exception(
              "opening " + image,
              Errno.EBUSY,
              "it is attached to /dev/" + loop.getFileName() + ": detach it with losetup -d");
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      if (e instanceof Ext4Exception attached) {
        throw attached;
      }
      // Without /sys nobody can tell.
    }
  }

  private static boolean isBackedBy(Path loop, Path image) {
    try {
      String file = Files.readString(loop.resolve("loop/backing_file")).stripTrailing();
      return Files.isSameFile(Path.of(file), image);
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  @Override
  public void close() {
    int unused = LinuxFiles.close(fd);
  }
}
