package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxXattrs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** The counters of a running mount, asked for by another process than the one that serves. */
public final class MountStats {
  private static final int BYTES_MAX = 1 << 16;

  private MountStats() {}

  /** Has the server of a mount make everything durable. For root alone. */
  static void sync(Path directory) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(1);
      long result = LinuxXattrs.get(directory.toString(), XattrOperations.SYNC, value);
      if (result < 0) {
        throw new MountException("syncing " + directory, (int) result, "");
      }
    }
  }

  /**
   * Asks the server of a mount for its counters.
   *
   * @param directory where an image is mounted
   * @return JSON in UTF-8
   * @throws MountException EINVAL if none of ours is mounted there; EACCES, ENOTCONN
   */
  public static byte[] read(Path directory) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(BYTES_MAX);
      long result = LinuxXattrs.get(directory.toString(), MountReport.ATTRIBUTE, value);
      String what = "counters of " + directory;
      if (result == -Errno.ENODATA || result == -Errno.EOPNOTSUPP) {
        throw new MountException(what, Errno.EINVAL, "no image is mounted there");
      }
      if (result < 0) {
        throw new MountException(what, (int) result, "");
      }
      return value.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
