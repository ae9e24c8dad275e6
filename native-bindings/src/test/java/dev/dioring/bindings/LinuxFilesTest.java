package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxFilesTest {
  @TempDir Path directory;

  @Test
  void failuresAreNegativeErrnos() {
    String missing = directory.resolve("missing").toString();
    assertEquals(-Errno.ENOENT, LinuxFiles.open(missing, LinuxFiles.O_RDONLY, 0));
    String dir = directory.toString();
    assertEquals(-Errno.EISDIR, LinuxFiles.open(dir, LinuxFiles.O_RDWR, 0));
    assertEquals(-Errno.EBADF, LinuxFiles.fsync(-1));
    assertEquals(-Errno.EBADF, LinuxFiles.close(-1));
  }

  @Test
  void eachThreadSeesItsOwnErrno() throws Exception {
    String missing = directory.resolve("missing").toString();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      boolean odd = i % 2 == 1;
      Runnable calls =
          () -> {
            for (int n = 0; n < 2000; n++) {
              int result =
                  odd ? LinuxFiles.open(missing, LinuxFiles.O_RDONLY, 0) : LinuxFiles.fsync(-1);
              if (result != (odd ? -Errno.ENOENT : -Errno.EBADF)) {
                wrong.add(Errno.name(result));
              }
            }
          };
      threads.add(i % 4 < 2 ? Thread.ofVirtual().start(calls) : Thread.ofPlatform().start(calls));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertTrue(wrong.isEmpty(), () -> "foreign errnos: " + wrong);
  }

  @Test
  void writesAreReadBackWhole() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    int fd = LinuxFiles.open(file.toString(), LinuxFiles.O_RDWR, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment hello = arena.allocateFrom("hello", StandardCharsets.US_ASCII);
      assertEquals(5, LinuxFiles.pwrite(fd, hello, 5, 3));
      IoVec vector = new IoVec(arena, 2);
      MemorySegment back = arena.allocate(8);
      vector.set(0, back.address(), 3);
      vector.set(1, back.address() + 3, 5);
      assertEquals(8, LinuxFiles.preadv2(fd, vector.segment(), 2, 0, 0));
      assertEquals((byte) 'h', back.get(ValueLayout.JAVA_BYTE, 3));
      assertEquals(0, back.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(0, LinuxFiles.fallocate(fd, 0, 0, 1 << 20));
      assertEquals(0, LinuxFiles.fdatasync(fd));
      assertEquals(1 << 20, Statx.of(arena, fd).sizeBytes());
      assertTrue(Statx.of(arena, fd).isRegularFile());
    } finally {
      assertEquals(0, LinuxFiles.close(fd));
    }
    assertEquals(1 << 20, Files.size(file));
  }

  @Test
  void locksExcludeAcrossDescriptors() throws Exception {
    Path file = Files.createFile(directory.resolve("lock"));
    int first = LinuxFiles.open(file.toString(), LinuxFiles.O_RDONLY, 0);
    int second = LinuxFiles.open(file.toString(), LinuxFiles.O_RDONLY, 0);
    int exclusive = LinuxFiles.LOCK_EX | LinuxFiles.LOCK_NB;
    assertEquals(0, LinuxFiles.flock(first, exclusive));
    assertEquals(-Errno.EAGAIN, LinuxFiles.flock(second, exclusive));
    assertEquals(0, LinuxFiles.close(first));
    assertEquals(0, LinuxFiles.flock(second, exclusive));
    assertEquals(0, LinuxFiles.close(second));
  }

  @Test
  void aMappingEndsWithItsArena() {
    MemorySegment memory;
    try (Arena arena = Arena.ofShared()) {
      memory = Mmap.anonymous(arena, 1 << 16);
      assertEquals(0, memory.address() % 4096);
      memory.fill((byte) 1);
    }
    MemorySegment unmapped = memory;
    assertThrows(IllegalStateException.class, () -> unmapped.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void anImpossibleMappingIsAnError() {
    try (Arena arena = Arena.ofShared()) {
      NativeException thrown =
          assertThrows(NativeException.class, () -> Mmap.anonymous(arena, 1L << 56));
      assertEquals(Errno.ENOMEM, thrown.errno());
    }
  }

  @Test
  void aPathIsNotCutAtANul() throws Exception {
    Path file = Files.createFile(directory.resolve("short"));
    assertEquals(-Errno.EINVAL, LinuxFiles.open(file + "\0longer", LinuxFiles.O_RDONLY, 0));
  }

  @Test
  void aMappingOfAClosedArenaIsRefused() {
    Arena arena = Arena.ofShared();
    arena.close();
    assertThrows(IllegalStateException.class, () -> Mmap.anonymous(arena, 4096));
  }

  @Test
  void ioctlsOfBlockDevicesRefuseFiles() throws Exception {
    Path file = Files.createFile(directory.resolve("plain"));
    int fd = LinuxFiles.open(file.toString(), LinuxFiles.O_RDONLY, 0);
    assertEquals(-Errno.ENOTTY, Ioctls.blockDeviceSizeBytes(fd));
    assertEquals(0, LinuxFiles.close(fd));
  }

  @Test
  void errnosHaveNames() {
    assertEquals("EIO", Errno.name(-5));
    assertEquals("EIO (Input/output error)", Errno.describe(5));
    assertEquals("errno 9999", Errno.describe(9999));
  }
}
