package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Mounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What follows -o: options of the volume, of the mount, and of both.
 *
 * @param readOnly ro
 * @param noLoad noload: the image as it is, its journal not replayed
 * @param allowOther allow_other: users other than the one who mounts
 * @param mountFlags MS_* for mount(2)
 * @param names those of the flags, for fusermount3
 * @param uid shown as the owner of everything, or -1
 * @param gid shown as the group of everything, or -1
 * @param ring whether FUSE over io_uring is used where the kernel has it
 * @param writebackCache whether the kernel gathers writes in its cache, and keeps size and times
 * @param stats where the counters go in the end: a file, an empty string for standard error, or
 *     null for nowhere
 */
record MountOptions(
    boolean readOnly,
    boolean noLoad,
    boolean allowOther,
    long mountFlags,
    List<String> names,
    long uid,
    long gid,
    boolean ring,
    boolean writebackCache,
    @Nullable String stats) {

  /** What the kernel is asked by a flag, and what takes that back. */
  private enum Flag {
    NOSUID(Mounts.MS_NOSUID, "suid"),
    NODEV(Mounts.MS_NODEV, "dev"),
    NOEXEC(Mounts.MS_NOEXEC, "exec"),
    NOATIME(Mounts.MS_NOATIME, "atime"),
    NODIRATIME(Mounts.MS_NODIRATIME, "diratime"),
    RELATIME(Mounts.MS_RELATIME, "norelatime"),
    STRICTATIME(Mounts.MS_STRICTATIME, "nostrictatime"),
    LAZYTIME(Mounts.MS_LAZYTIME, "nolazytime"),
    SYNC(Mounts.MS_SYNCHRONOUS, "async"),
    DIRSYNC(Mounts.MS_DIRSYNC, "nodirsync");

    final long bit;
    final String opposite;

    Flag(int bit, String opposite) {
      this.bit = bit;
      this.opposite = opposite;
    }

    String option() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Options that ask for what is always so here, or that others on the way to here ask for. */
  private static final List<String> ACCEPTED =
      List.of(
          "rw",
          "defaults",
          "default_permissions",
          "auto",
          "noauto",
          "user",
          "nouser",
          "users",
          "_netdev",
          "nofail",
          "loop",
          "acl",
          "user_xattr",
          "barrier",
          "barrier=1",
          "errors=continue",
          "nodiscard");

  /**
   * Parses options.
   *
   * @param option lists of options, separated by commas
   * @param root whether the user may let everybody in
   * @throws IllegalArgumentException names an option that is not known, for users
   */
  static MountOptions parse(List<String> option, boolean root) {
    Parser parser = new Parser(root);
    for (String list : option) {
      for (String one : list.split(",", -1)) {
        if (!one.isBlank()) {
          parser.take(one.strip());
        }
      }
    }
    return parser.result();
  }

  MountOptions asReadOnly() {
    long flags = mountFlags | Mounts.MS_RDONLY;
    return new MountOptions(
        true, noLoad, allowOther, flags, names, uid, gid, ring, writebackCache, stats);
  }

  long shownUid(long stored) {
    return uid < 0 ? stored : uid;
  }

  long shownGid(long stored) {
    return gid < 0 ? stored : gid;
  }

  private static final class Parser {
    private static final String STATS_FILE = "stats=";

    private boolean readOnly;
    private boolean noLoad;
    private boolean allowOther;
    private long uid = -1;
    private long gid = -1;
    private boolean ring = true;
    private boolean writebackCache;
    private @Nullable String stats;
    private final List<Flag> flags = new ArrayList<>(List.of(Flag.NOSUID, Flag.NODEV));

    Parser(boolean root) {
      allowOther = root;
    }

    void take(String option) {
      switch (option) {
        case "ro" -> readOnly = true;
        case "noload", "norecovery" -> noLoad = true;
        case "allow_other" -> allowOther = true;
        case "allow_root" -> throw new IllegalArgumentException("allow_root: use allow_other");
        case "noallow_other" -> allowOther = false;
        case "uring" -> ring = true;
        case "nouring" -> ring = false;
        case "writeback_cache" -> writebackCache = true;
        case "nowriteback_cache" -> writebackCache = false;
        case "stats" -> stats = "";
        default -> takeFlag(option);
      }
      if (option.equals("rw")) {
        readOnly = false;
      }
    }

    private void takeFlag(String option) {
      if (option.startsWith(STATS_FILE)) {
        stats = Path.of(option.substring(STATS_FILE.length())).toAbsolutePath().toString();
        return;
      }
      for (Flag flag : Flag.values()) {
        if (option.equals(flag.option()) || option.equals(flag.opposite)) {
          flags.remove(flag);
          if (option.equals(flag.option())) {
            flags.add(flag);
          }
          return;
        }
      }
      Optional<Long> user = number(option, "uid=");
      Optional<Long> group = number(option, "gid=");
      uid = user.orElse(uid);
      gid = group.orElse(gid);
      boolean known = user.isPresent() || group.isPresent() || ACCEPTED.contains(option);
      if (!known && !option.startsWith("x-") && !option.startsWith("comment=")) {
        throw new IllegalArgumentException("unknown mount option " + option);
      }
    }

    private static Optional<Long> number(String option, String key) {
      if (!option.startsWith(key)) {
        return Optional.empty();
      }
      try {
        return Optional.of((long) Integer.parseUnsignedInt(option.substring(key.length())));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(option + ": not a number", e);
      }
    }

    MountOptions result() {
      long bits = readOnly ? Mounts.MS_RDONLY : 0;
      List<String> names = new ArrayList<>();
      for (Flag flag : flags) {
        bits |= flag.bit;
        names.add(flag.option());
      }
      return new MountOptions(
          readOnly,
          noLoad,
          allowOther,
          bits,
          List.copyOf(names),
          uid,
          gid,
          ring,
          writebackCache,
          stats);
    }
  }
}
