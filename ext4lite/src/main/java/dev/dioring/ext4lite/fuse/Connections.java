package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's list of FUSE connections, through which one is cut off from its users. */
final class Connections {
  private static final String TYPE = "fusectl";
  private static final Path USUAL = Path.of("/sys/fs/fuse/connections");

  private Connections() {}

  /**
   * Ends a connection: who waits for it and who comes later gets an error.
   *
   * @param number the minor number of its mount's device
   * @throws IOException if the list is not mounted and this is not root
   */
  static void abort(int number) throws IOException {
    if (Files.exists(USUAL.resolve(Integer.toString(number)))) {
      abort(USUAL, number);
      return;
    }
    Path mounted = Files.createTempDirectory("ext4lite-" + TYPE);
    try {
      int result = Mounts.mount(TYPE, mounted.toString(), TYPE, 0, "");
      if (result < 0) {
        throw new MountException("cutting a connection off", result, "mount " + TYPE + " for it");
      }
      try {
        abort(mounted, number);
      } finally {
        int unused = Mounts.unmount(mounted.toString(), Mounts.MNT_DETACH);
      }
    } finally {
      Files.delete(mounted);
    }
  }

  private static void abort(Path list, int number) throws IOException {
    Files.writeString(list.resolve(Integer.toString(number)).resolve("abort"), "1");
  }
}
