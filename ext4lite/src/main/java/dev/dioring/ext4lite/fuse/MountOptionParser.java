package dev.dioring.ext4lite.fuse;

import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.AccessTimes;
import dev.dioring.ext4lite.fs.Behaviour;
import dev.dioring.ext4lite.fs.Ext4OptionParser;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gathers mount options, the last of those that contradict each other. */
final class MountOptionParser {
  /** Options that ask for what is always so here, or that others on the way to here ask for. */
  private static final List<String> ACCEPTED =
      List.of(
          "defaults",
          "default_permissions",
          "auto",
          "noauto",
          "user",
          "nouser",
          "users",
          "owner",
          "group",
          "_netdev",
          "nofail",
          "loop",
          "mand",
          "nomand",
          "silent",
          "loud");

  private static final int NEAR = 2;

  private boolean readOnly;
  private boolean noLoad;
  private @Nullable Path journal;
  private Region region = Region.WHOLE;
  private final Ext4OptionParser ext4 = new Ext4OptionParser();
  private boolean allowOther;
  private long uid = Owner.STORED;
  private long gid = Owner.STORED;
  private boolean ring = true;
  private boolean writebackCache;
  private @Nullable String stats;
  private final EnumSet<KernelFlag> flags = EnumSet.of(KernelFlag.NOSUID, KernelFlag.NODEV);

  private final Map<String, Runnable> words = new TreeMap<>();
  private final Map<String, Consumer<String>> values = new TreeMap<>();

  MountOptionParser(boolean root) {
    allowOther = root;
    defineVolume();
    defineMount();
    for (KernelFlag flag : KernelFlag.values()) {
      words.put(flag.option(), () -> flags.add(flag));
      if (flag.opposite != null) {
        words.put(flag.opposite, () -> flags.remove(flag));
      }
    }
    for (String accepted : ACCEPTED) {
      words.put(accepted, () -> {});
    }
  }

  private void defineVolume() {
    words.put("ro", () -> readOnly = true);
    words.put("rw", () -> readOnly = false);
    words.put("noload", () -> noLoad = true);
    words.put("norecovery", () -> noLoad = true);
    values.put("journal_path", text -> journal = Path.of(text).toAbsolutePath());
    values.put(
        "offset",
        text -> region = new Region.From(Ext4OptionParser.number("offset", text, Long.MAX_VALUE)));
    values.put(
        "partition",
        text ->
            region = new Region.Numbered((int) Ext4OptionParser.number("partition", text, 4096)));
  }

  private void defineMount() {
    words.put("allow_other", () -> allowOther = true);
    words.put("noallow_other", () -> allowOther = false);
    words.put(
        "allow_root",
        () -> {
          throw new IllegalArgumentException("allow_root is not supported: use allow_other");
        });
    words.put("uring", () -> ring = true);
    words.put("nouring", () -> ring = false);
    words.put("writeback_cache", () -> writebackCache = true);
    words.put("nowriteback_cache", () -> writebackCache = false);
    words.put("stats", () -> stats = "");
    values.put("stats", text -> stats = Path.of(text).toAbsolutePath().toString());
    values.put(
        "uid", text -> uid = Ext4OptionParser.number("uid", text, Ext4OptionParser.OWNER_MAX));
    values.put(
        "gid", text -> gid = Ext4OptionParser.number("gid", text, Ext4OptionParser.OWNER_MAX));
    for (String ignored : List.of("comment", "uhelper", "user", "loop")) {
      values.put(ignored, text -> {});
    }
  }

  /** Takes one option. @throws IllegalArgumentException if it is not known, or its value is not */
  void take(String option) {
    if (option.startsWith("x-") || option.startsWith("X-") || ext4.take(option)) {
      return;
    }
    Runnable word = words.get(option);
    if (word != null) {
      word.run();
      return;
    }
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    Consumer<String> value = values.get(name);
    if (value != null && equals > 0) {
      value.accept(option.substring(equals + 1));
    } else if (value != null) {
      throw new IllegalArgumentException("the mount option " + name + " needs a value");
    } else if (words.containsKey(name)) {
      throw new IllegalArgumentException("the mount option " + name + " takes no value");
    } else {
      throw new IllegalArgumentException("unknown mount option " + option + nearest(name));
    }
  }

  private String nearest(String name) {
    String best = "";
    int distance = NEAR + 1;
    for (Set<String> known : List.of(words.keySet(), values.keySet(), Ext4OptionParser.names())) {
      for (String candidate : known) {
        int its = distance(name, candidate);
        if (its < distance && its < candidate.length()) {
          distance = its;
          best = candidate;
        }
      }
    }
    return best.isEmpty() ? "" : "; did you mean " + best + "?";
  }

  /** Letters to insert, delete or replace (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  MountOptions result() {
    AccessTimes files = MountOptions.accessTimes(flags);
    boolean directories = !flags.contains(KernelFlag.NODIRATIME);
    boolean syncAll = flags.contains(KernelFlag.SYNC);
    Behaviour behaviour =
        new Behaviour(
            ext4.result(),
            files,
            directories ? files : AccessTimes.NEVER,
            syncAll,
            syncAll || flags.contains(KernelFlag.DIRSYNC));
    return new MountOptions(
        readOnly,
        noLoad,
        journal,
        region,
        behaviour,
        EnumSet.copyOf(flags),
        allowOther,
        new Owner(uid, gid),
        ring,
        writebackCache,
        stats);
  }
}
