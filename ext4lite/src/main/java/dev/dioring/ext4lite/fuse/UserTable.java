package dev.dioring.ext4lite.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What mount(8) notes of mounts beside what the kernel knows. Only a mount that is noted there
 * makes umount(8) look for a program for its type, which waits until the image is written; without
 * it asks the kernel, for which all FUSE is one type. The notes are left to mount(8) and umount(8),
 * which have their format and their lock.
 */
final class UserTable {
  private static final String HELPER_OPTION = "uhelper";
  private static final Path HELPER = Path.of("/sbin/umount." + MountPoint.TYPE);

  private UserTable() {}

  /**
   * Notes a mount, if there is the program for umount(8).
   *
   * @param options as they were given; one that names another program is left to mount(8)
   */
  static void note(String source, Path directory, List<String> options) {
    List<String> all = new ArrayList<>(List.of(HELPER_OPTION + "=" + MountPoint.TYPE));
    for (String option : options) {
      if (option.startsWith(HELPER_OPTION + "=")) {
        return;
      }
      if (option.equals("_netdev")) {
        all.add(option);
      }
    }
    run("mount", "-t", MountPoint.TYPE, "-o", String.join(",", all), source, directory.toString());
  }

  /** Takes it out, unless umount(8) has. */
  static void forget(Path directory) {
    run("umount", directory.toString());
  }

  /**
   * Has a program do all but the system call and a helper's work. What it fails at is not needed.
   */
  private static void run(String program, String... arguments) {
    if (!Files.exists(HELPER)) {
      return;
    }
    List<String> command =
        Stream.concat(
                Stream.of(program, "--fake", "--internal-only", "--no-canonicalize"),
                Stream.of(arguments))
            .toList();
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      int unused = process.waitFor();
    } catch (IOException e) {
      Session.LOG.debug("{} is not there: {}", program, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
