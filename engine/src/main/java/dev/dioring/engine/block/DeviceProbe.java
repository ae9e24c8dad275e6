package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Ioctls;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Statx;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out the shape of an open file or device. */
final class DeviceProbe {
  private static final int DEFAULT_ALIGNMENT = 512;
  private static final int MAX_TRANSFER_BYTES = 1 << 30;

  private DeviceProbe() {}

  /**
   * Asks statx, the block ioctls and sysfs.
   *
   * @throws BlockIoException if it is neither a regular file nor a block device, or refuses direct
   *     I/O
   */
  static Geometry geometry(String name, int fd, OpenOptions options) throws BlockIoException {
    try (Arena arena = Arena.ofConfined()) {
      Statx statx = Statx.of(arena, fd);
      boolean raw = statx.isBlockDevice();
      if (!raw && !statx.isRegularFile()) {
        throw statx.isDirectory() ? isDirectory(name) : isSpecial(name);
      }
      String device = raw ? statx.representedDevice() : statx.device();
      Path queue = queue(device);
      int sector =
          raw ? asked(Ioctls.logicalSectorBytes(fd)) : number(queue, "logical_block_size", 512);
      int physical =
          raw
              ? asked(Ioctls.physicalSectorBytes(fd))
              : number(queue, "physical_block_size", sector);
      long size = raw ? Ioctls.blockDeviceSizeBytes(fd) : statx.sizeBytes();
      if (size < 0) {
        throw new BlockIoException("asking the size of", name, (int) size, "");
      }
      int memoryAlignment = 1;
      int offsetAlignment = 1;
      if (!options.buffered()) {
        memoryAlignment = statx.hasDirectIoAlignment() ? statx.memoryAlignmentBytes() : sector;
        offsetAlignment = statx.hasDirectIoAlignment() ? statx.offsetAlignmentBytes() : sector;
        if (offsetAlignment == 0) {
          throw directIoRefused(name, Errno.EOPNOTSUPP);
        }
      }
      boolean writeBack = !text(queue, "write_cache", "write back").equals("write through");
      return new Geometry(
          size,
          sector,
          physical,
          Math.max(1, memoryAlignment),
          offsetAlignment,
          MAX_TRANSFER_BYTES,
          writeBack,
          number(queue, "fua", 0) == 1,
          raw ? number(queue, "discard_max_bytes", 0) > 0 : true,
          true,
          options.readOnly() || (raw && asked(Ioctls.isReadOnly(fd)) != 0));
    }
  }

  /** The answer of a block ioctl that every block device knows. */
  private static int asked(int result) {
    if (result < 0) {
      throw new NativeException("ioctl", -result);
    }
    return result;
  }

  static BlockIoException isDirectory(String name) {
    return new BlockIoException(
        "opening", name, Errno.EISDIR, "it is a directory, not a regular file or block device");
  }

  static BlockIoException isSpecial(String name) {
    return new BlockIoException(
        "opening", name, Errno.ENOTBLK, "it is a special file, not a regular file or block device");
  }

  static BlockIoException directIoRefused(String name, int errno) {
    return new BlockIoException(
        "opening with O_DIRECT",
        name,
        errno,
        "its file system has no direct I/O; ask for buffered I/O explicitly");
  }

  /**
   * Whether the kernel can start a read without a worker thread of its own. Where it cannot,
   * io_uring punts each operation to one, and plain system calls are faster.
   */
  static boolean hasNowait(int fd, Geometry geometry) {
    if (geometry.sizeBytes() == 0) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      int length = Math.max(geometry.offsetAlignmentBytes(), DEFAULT_ALIGNMENT);
      MemorySegment memory =
          arena.allocate(length, Math.max(geometry.memoryAlignmentBytes(), 4096));
      var vector = new dev.dioring.bindings.IoVec(arena, 1);
      vector.set(0, memory.address(), length);
      long result = LinuxFiles.preadv2(fd, vector.segment(), 1, 0, LinuxFiles.RWF_NOWAIT);
      return result != -Errno.EOPNOTSUPP;
    }
  }

  /** Whether a file's content is in memory: I/O never waits for a medium. */
  static boolean isInMemory(String name) {
    try {
      Path path = Path.of(name);
      String type = Files.getFileStore(path).type();
      return Files.isRegularFile(path) && (type.equals("tmpfs") || type.equals("ramfs"));
    } catch (IOException e) {
      return false;
    }
  }

  /** The request queue's directory: a partition's is its disk's. */
  private static Path queue(String device) {
    Path block = Path.of("/sys/dev/block", device);
    Path own = block.resolve("queue");
    return Files.isDirectory(own) ? own : block.resolve("../queue");
  }

  private static int number(Path queue, String attribute, int otherwise) {
    try {
      long value = Long.parseLong(text(queue, attribute, Integer.toString(otherwise)));
      return (int) Math.min(Integer.MAX_VALUE, value);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static String text(Path queue, String attribute, String otherwise) {
    try {
      return Files.readString(queue.resolve(attribute)).strip();
    } catch (IOException e) {
      return otherwise;
    }
  }
}
