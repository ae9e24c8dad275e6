package dev.dioring.ext4lite.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What mount(8) and umount(8) hand on to programs that do their work for a type of file system. */
final class HelperOptions {
  @Option(
      names = "--as-helper",
      hidden = true,
      description = "Take options and defaults as mount(8) and umount(8) mean them.")
  private boolean helper;

  @Option(names = "-n", hidden = true, description = "No /etc/mtab, which there is not anyway.")
  @SuppressWarnings("UnusedVariable") // accepted for mount(8)
  private boolean noTable;

  @Option(names = "-t", hidden = true, paramLabel = "TYPE", description = "The type of this.")
  @SuppressWarnings("UnusedVariable") // accepted for mount(8)
  private @Nullable String type;

  @Option(names = "-N", hidden = true, paramLabel = "NAMESPACE", description = "Whose mounts.")
  private @Nullable String namespace;

  /** Whether mount(8) or umount(8) calls. */
  boolean isHelper() {
    return helper;
  }

  void helper(boolean on) {
    helper = on;
  }

  /** A JVM has many threads, which cannot change their namespace together. */
  void requireThisNamespace() {
    if (namespace != null) {
      throw new CliException(
          ExitStatus.USAGE, "-N " + namespace + " is not supported: use nsenter -m");
    }
  }
}
