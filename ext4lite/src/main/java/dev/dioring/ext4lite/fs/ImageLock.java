package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import java.nio.file.Path;

/**
 * An advisory lock on an image: shared by readers, exclusive for a writer. The kernel drops it when
 * the process ends, however it ends.
 */
final class ImageLock implements AutoCloseable {
  private final int fd;

  private ImageLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock or fails at once.
   *
   * @throws Ext4Exception EBUSY if another ext4lite has the image, or why it cannot be opened
   */
  static ImageLock take(Path image, boolean exclusive) throws Ext4Exception {
    int fd = LinuxFiles.open(image.toString(), LinuxFiles.O_RDONLY | LinuxFiles.O_NONBLOCK, 0);
    if (fd < 0) {
      String advice =
          switch (-fd) {
            case Errno.ENOENT -> "check the path";
            case Errno.EACCES -> "check its permissions";
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

  @Override
  public void close() {
    int unused = LinuxFiles.close(fd);
  }
}
