package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketsTest {
  @TempDir Path directory;

  @Test
  void aDescriptorPassesThroughASocket() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "12345");
    int[] pair = new int[2];
    assertEquals(0, Sockets.pair(pair));
    int sent = LinuxFiles.open(file.toString(), LinuxFiles.O_RDONLY, 0);
    assertEquals(0, Sockets.sendDescriptor(pair[0], sent));
    int received = Sockets.receiveDescriptor(pair[1]);
    assertTrue(received >= 0, () -> Errno.name(received));
    assertNotEquals(sent, received);
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(Statx.of(arena, sent).inode(), Statx.of(arena, received).inode());
    }
    assertEquals(0, LinuxFiles.close(sent));
    assertEquals(0, LinuxFiles.close(received));
    assertEquals(0, LinuxFiles.close(pair[0]));
    assertEquals(-Errno.ENOTCONN, Sockets.receiveDescriptor(pair[1]));
    assertEquals(0, LinuxFiles.close(pair[1]));
  }

  @Test
  void aClosedSocketIsAnErrno() {
    assertEquals(-Errno.EBADF, Sockets.sendDescriptor(-1, 0));
    assertEquals(-Errno.EBADF, Sockets.receiveDescriptor(-1));
  }

  @Test
  void mountErrorsAreErrnos() {
    String nowhere = directory.resolve("nowhere").toString();
    int result = Mounts.mount("none", nowhere, "tmpfs", Mounts.MS_NOSUID, "");
    assertTrue(result == -Errno.ENOENT || result == -Errno.EPERM, () -> Errno.name(result));
    int unmounted = Mounts.unmount(directory.toString(), 0);
    assertTrue(unmounted == -Errno.EINVAL || unmounted == -Errno.EPERM);
  }
}
