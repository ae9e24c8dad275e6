package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be opened says why in one line. */
class BlockDevicesTest {
  @TempDir Path directory;

  @Test
  void aMissingFile() {
    assertRefused(directory.resolve("missing"), Errno.ENOENT, "check the path");
  }

  @Test
  void aDirectory() {
    assertRefused(directory, Errno.EISDIR, "it is a directory");
  }

  @Test
  void aCharacterDevice() {
    BlockIoException thrown =
        assertThrows(
            BlockIoException.class,
            () -> BlockDevices.open(Path.of("/dev/zero"), OpenOptions.DEFAULT.withBuffered(true)));
    assertTrue(thrown.getMessage().contains("not a regular file or block device"));
  }

  @Test
  void aFileSystemWithoutDirectIoAsksForBufferedExplicitly() {
    BlockIoException thrown =
        assertThrows(
            BlockIoException.class,
            () ->
                BlockDevices.open(
                    Path.of("/proc/self/maps"), OpenOptions.DEFAULT.withReadOnly(true)));
    assertTrue(
        thrown.getMessage().contains("ask for buffered I/O explicitly"), thrown.getMessage());
  }

  @Test
  void aReadOnlyDeviceRefusesToWrite() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[8192]);
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT.withReadOnly(true));
        Arena arena = Arena.ofShared()) {
      BlockIo io = new BlockIo(device);
      BlockIoException thrown =
          assertThrows(BlockIoException.class, () -> io.write(0, arena.allocate(4096, 4096)));
      assertEquals(Errno.EROFS, thrown.errno());
      assertTrue(thrown.getMessage().contains("read-only"), thrown.getMessage());
    }
  }

  @Test
  void bufferedFilesTakeAnyOffset() throws IOException {
    Path file = Files.writeString(directory.resolve("text"), "hello world");
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT.withBuffered(true));
        Arena arena = Arena.ofShared()) {
      var memory = arena.allocate(5);
      assertEquals(5, new BlockIo(device).read(6, memory));
      assertEquals('w', memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void noDescriptorStaysNonBlocking() throws Exception {
    Path file = Files.write(directory.resolve("file"), new byte[8192]);
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT)) {
      assertTrue(device.geometry().sizeBytes() > 0);
      int found = 0;
      for (Path link : descriptors()) {
        if (Files.exists(link) && Files.isSameFile(link, file)) {
          int flags = LinuxFiles.statusFlags(Integer.parseInt(link.getFileName().toString()));
          assertEquals(0, flags & LinuxFiles.O_NONBLOCK);
          assertEquals(LinuxFiles.O_DIRECT, flags & LinuxFiles.O_DIRECT);
          found++;
        }
      }
      assertEquals(1, found);
    }
  }

  @Test
  void aFailureNamesWhatWasAskedFor() throws Exception {
    Path file = Files.write(directory.resolve("file"), new byte[8192]);
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT);
        Arena arena = Arena.ofShared()) {
      BlockIo io = new BlockIo(device);
      BlockIoException thrown =
          assertThrows(BlockIoException.class, () -> io.write(1, arena.allocate(4096, 4096)));
      assertEquals("write", thrown.operation());
      assertEquals(file.toString(), thrown.path());
      assertEquals(1, thrown.byteOffset());
      assertEquals(4096, thrown.lengthBytes());
      assertEquals(Errno.EINVAL, thrown.errno());
      String begin = "write of 4096 bytes at 1 of " + file + ": EINVAL";
      assertTrue(thrown.getMessage().startsWith(begin), thrown.getMessage());
      assertTrue(thrown.getMessage().contains("not a multiple"), thrown.getMessage());
    }
  }

  private static List<Path> descriptors() throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links.toList();
    }
  }

  private static void assertRefused(Path path, int errno, String advice) {
    BlockIoException thrown =
        assertThrows(BlockIoException.class, () -> BlockDevices.open(path, OpenOptions.DEFAULT));
    assertEquals(errno, thrown.errno());
    assertTrue(thrown.getMessage().contains(advice), thrown.getMessage());
    assertTrue(thrown.getMessage().contains(path.toString()), thrown.getMessage());
  }
}
