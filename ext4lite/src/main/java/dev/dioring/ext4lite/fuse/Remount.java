package dev.dioring.ext4lite.fuse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A change of the options of a mount, as {@code mount -o remount} asks for. The kernel alone sees
 * to ro, nosuid, nodev, noexec and nosymfollow, and these can be changed; what the server does
 * cannot.
 */
public final class Remount {
  static final String OPTION = "remount";

  /** What the kernel shows of a mount, which mount(8) hands on as if it had been asked for. */
  private static final Set<String> SHOWN =
      Set.of("fd", "rootmode", "user_id", "group_id", "max_read");

  private final Path directory;

  /** What it was mounted with. */
  private final String before;

  /** Why the server does not write, or an empty string. */
  private final String readOnlyReason;

  private Remount(Path directory, String before, String readOnlyReason) {
    this.directory = directory;
    this.before = before;
    this.readOnlyReason = readOnlyReason;
  }

  /** Whether options ask for one. */
  public static boolean isWanted(List<String> options) {
    return MountOptions.split(options).contains(OPTION);
  }

  /**
   * Finds what is mounted on a directory.
   *
   * @throws MountException EINVAL if it is none of ours
   */
  public static Remount of(Path directory) throws IOException {
    JsonNode report = new ObjectMapper().readTree(MountStats.read(directory));
    return new Remount(
        directory.toRealPath(),
        text(report, MountReport.OPTIONS),
        text(report, MountReport.READ_ONLY));
  }

  private static String text(JsonNode report, String field) {
    JsonNode value = report.get(field);
    return value == null ? "" : value.asText();
  }

  /**
   * Changes the options. What is asked for last counts, and what is not named stays as it is.
   *
   * @param complete whether they are all that the kernel is to see to, so that nosuid, for example,
   *     is over where it is not named
   * @throws IllegalArgumentException names an option that cannot be changed
   */
  public void run(List<String> options, boolean complete) throws IOException {
    List<String> asked = new ArrayList<>(MountOptions.split(options));
    asked.remove(OPTION);
    asked.removeIf(option -> SHOWN.contains(option.split("=", 2)[0]));
    requireUnchanged(asked);
    List<String> all = new ArrayList<>(List.of("suid", "dev"));
    if (!complete) {
      MountTable.Entry entry = MountTable.read().find(directory);
      if (entry != null) {
        all.addAll(entry.options());
      }
    }
    all.addAll(asked);
    MountOptions wanted = MountOptions.parse(all, true);
    if (!wanted.readOnly() && !readOnlyReason.isEmpty()) {
      throw new MountException(what(), Errno.EROFS, readOnlyReason);
    }
    long flags = Mounts.MS_REMOUNT | wanted.mountFlags();
    int result = Mounts.mount("none", directory.toString(), MountPoint.TYPE, flags, "");
    if (result < 0) {
      String reason = result == -Errno.EBUSY ? "files are open for writing" : "";
      throw new MountException(what(), result, reason);
    }
    if (wanted.readOnly()) {
      MountStats.sync(directory);
    }
  }

  private void requireUnchanged(List<String> asked) {
    List<String> options = new ArrayList<>(List.of(before));
    MountOptions old = MountOptions.parse(options, true).withoutKernelFlags();
    for (String option : asked) {
      options.add(option);
      if (!MountOptions.parse(options, true).withoutKernelFlags().equals(old)) {
        throw new IllegalArgumentException(
            "a remount cannot change the mount option " + option + ": unmount, and mount again");
      }
    }
  }

  private String what() {
    return "remounting " + directory;
  }
}
