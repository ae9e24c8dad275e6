package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.engine.memory.BufferPool;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens files and raw devices as block devices. */
public final class BlockDevices {
  private static final int PAGE_BYTES = 4096;

  private BlockDevices() {}

  /**
   * Opens a regular file or block device for direct I/O.
   *
   * @throws BlockIoException if it is missing, forbidden, of the wrong kind, refuses O_DIRECT, has
   *     not the region asked for, or the backend asked for is not to be had
   */
  public static BlockDevice open(Path path, OpenOptions options) throws BlockIoException {
    return options.region().of(openWhole(path, options));
  }

  private static BlockDevice openWhole(Path path, OpenOptions options) throws BlockIoException {
    String name = path.toString();
    int fd = openDescriptor(name, options);
    boolean owned = false;
    try {
      Geometry geometry = DeviceProbe.geometry(name, fd, options);
      BlockDevice device = open(name, fd, geometry, options);
      owned = true;
      return device;
    } catch (NativeException e) {
      throw new BlockIoException("opening", name, e.errno(), String.valueOf(e.getMessage()));
    } finally {
      if (!owned) {
        int unused = LinuxFiles.close(fd);
      }
    }
  }

  private static int openDescriptor(String name, OpenOptions options) throws BlockIoException {
    int access = options.readOnly() ? LinuxFiles.O_RDONLY : LinuxFiles.O_RDWR;
    int direct = options.buffered() ? 0 : LinuxFiles.O_DIRECT;
    // O_NONBLOCK keeps the open of a fifo from waiting for its other end. Then it has to go: with
    // it
    // io_uring answers EAGAIN where a file without NOWAIT would make a request wait.
    int fd = LinuxFiles.open(name, access | direct | LinuxFiles.O_NONBLOCK, 0);
    if (fd >= 0) {
      int unused = LinuxFiles.statusFlags(fd, direct);
      return fd;
    }
    if (Files.isDirectory(Path.of(name))) {
      throw DeviceProbe.isDirectory(name);
    }
    if (fd == -Errno.EINVAL && direct != 0) {
      // A character device; a block device has direct I/O.
      if (!Files.isRegularFile(Path.of(name))) {
        throw DeviceProbe.isSpecial(name);
      }
      throw DeviceProbe.directIoRefused(name, -fd);
    }
    String advice =
        switch (-fd) {
          case Errno.ENOENT -> "check the path";
          case Errno.EACCES, Errno.EPERM -> "check its permissions, or open it read-only";
          case Errno.EROFS -> "the medium is read-only: open it read-only";
          default -> "";
        };
    throw new BlockIoException("opening", name, -fd, advice);
  }

  private static BlockDevice open(String name, int fd, Geometry geometry, OpenOptions options)
      throws BlockIoException {
    BufferPool buffers =
        new BufferPool(options.bufferBytes(), options.bufferCount(), alignment(geometry, options));
    String reason = "as asked";
    if (options.backend() != OpenOptions.Backend.SYNC) {
      if (options.backend() == OpenOptions.Backend.AUTO && !DeviceProbe.hasNowait(fd, geometry)) {
        reason = "the device cannot start I/O without waiting, so io_uring would use threads too";
      } else {
        try {
          return UringBlockDevice.open(
              name, fd, geometry, buffers, options, "io_uring is available");
        } catch (NativeException e) {
          if (options.backend() == OpenOptions.Backend.URING) {
            buffers.close();
            throw new BlockIoException("opening with io_uring", name, e.errno(), forbidden());
          }
          reason = "io_uring is not available: " + Errno.describe(e.errno());
        }
      }
    }
    return new SyncBlockDevice(name, fd, geometry, buffers, options.ring().operations(), reason);
  }

  private static String forbidden() {
    return "a container's seccomp filter or the sysctl kernel.io_uring_disabled may forbid it";
  }

  private static int alignment(Geometry geometry, OpenOptions options) {
    int alignment = Math.max(PAGE_BYTES, geometry.memoryAlignmentBytes());
    return Math.min(alignment, Integer.lowestOneBit(options.bufferBytes()));
  }
}
