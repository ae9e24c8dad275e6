package dev.dioring.ext4lite.cli;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.OpenOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;

/**
 * A tree that is unpacked, read and removed, and a file under direct I/O, as a mount meets them.
 */
final class RehearsalTree {
  private static final int FILES = 3000;
  private static final int FILES_PER_DIRECTORY = 100;
  private static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS = 2048;
  private static final int DIRECT_REQUESTS = 6000;

  private final Path top;
  private final ByteBuffer block =
      ByteBuffer.allocateDirect(2 * BLOCK_BYTES).alignedSlice(BLOCK_BYTES).limit(BLOCK_BYTES);

  RehearsalTree(Path point) {
    top = point.resolve("tree");
  }

  void run() throws IOException {
    Files.createDirectory(top);
    for (int i = 0; i < FILES; i++) {
      unpack(i);
    }
    for (int i = 0; i < FILES; i += 10) {
      byte[] unused = Files.readAllBytes(path(i));
      Files.move(path(i), path(i).resolveSibling("renamed-" + i));
    }
    direct(top.resolve("direct"));
    WorkDirectory.deleteTree(top);
  }

  /** What an archiver does with a file. */
  private void unpack(int number) throws IOException {
    Path file = path(number);
    if (number % FILES_PER_DIRECTORY == 0) {
      Files.createDirectory(file.getParent());
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(channel, 0);
      write(channel, BLOCK_BYTES);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Files.setAttribute(file, "unix:gid", Files.getAttribute(file, "unix:gid"));
    Files.setLastModifiedTime(file, FileTime.fromMillis(number));
    Map<String, Object> unused = Files.readAttributes(file, "unix:*");
    if (number % FILES_PER_DIRECTORY == 1) {
      Files.createSymbolicLink(file.resolveSibling("symbolic"), Path.of("target"));
      Files.createLink(file.resolveSibling("linked"), file);
      Files.setAttribute(file, "user:comment", ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }
  }

  private void direct(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(channel, (long) (BLOCKS - 1) * BLOCK_BYTES);
    }
    OpenOptions options = OpenOptions.DEFAULT.withBackend(OpenOptions.Backend.SYNC);
    try (BlockDevice device = BlockDevices.open(file, options)) {
      BlockIo io = new BlockIo(device);
      MemorySegment memory = MemorySegment.ofBuffer(block.rewind());
      Random random = new Random(1);
      for (int i = 0; i < DIRECT_REQUESTS; i++) {
        long at = (long) random.nextInt(BLOCKS) * BLOCK_BYTES;
        if (i % 2 == 0) {
          io.write(at, memory);
        } else {
          io.readFully(at, memory);
        }
      }
    }
  }

  private void write(FileChannel channel, long at) throws IOException {
    int unused = channel.write(block.rewind(), at);
  }

  private Path path(int number) {
    return top.resolve(Integer.toString(number / FILES_PER_DIRECTORY)).resolve("file-" + number);
  }
}
