package dev.dioring.ext4lite.fuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The groups that whoever makes a request is in. The request itself names the first of them. */
final class CallerGroups {
  private static final String GROUPS = "Groups:";

  private CallerGroups() {}

  /**
   * Whether a group is one of them; not if that cannot be told. Reads a file, so for rare cases.
   */
  static boolean include(Request request, long gid) {
    return request.gid() == gid || (request.pid() > 0 && isListed(request.pid(), gid));
  }

  private static boolean isListed(int pid, long gid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status"), ISO_8859_1).stream()
          .filter(line -> line.startsWith(GROUPS))
          .flatMap(line -> Arrays.stream(line.substring(GROUPS.length()).trim().split(" ")))
          .anyMatch(Long.toString(gid)::equals);
    } catch (IOException e) {
      // It has ended, or may not be looked at.
      return false;
    }
  }
}
