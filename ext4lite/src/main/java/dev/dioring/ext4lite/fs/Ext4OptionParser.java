package dev.dioring.ext4lite.fs;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads mount options of ext4, of which the last counts. */
public final class Ext4OptionParser {
  private static final long SECONDS_MAX = 3600;

  /** The largest number of a user or group: -1 means none. */
  public static final long OWNER_MAX = 0xffff_fffeL;

  private record Choice(Ext4Option option, long value) {}

  private static final Map<String, Choice> WORDS = new TreeMap<>();

  /** With the largest number they take. */
  private static final Map<String, Choice> NUMBERS = new TreeMap<>();

  /**
   * What is so in any case, or a hint for what is done otherwise here. journal_async_commit,
   * noauto_da_alloc, noblock_validity and the like: more is done than they ask for.
   */
  private static final Set<String> ACCEPTED =
      Set.of(
          "data_err=ignore",
          "journal_async_commit",
          "auto_da_alloc",
          "noauto_da_alloc",
          "block_validity",
          "noblock_validity",
          "dioread_lock",
          "dioread_nolock",
          "init_itable",
          "noinit_itable",
          "nombcache",
          "no_mbcache",
          "prefetch_block_bitmaps",
          "no_prefetch_block_bitmaps",
          "i_version",
          "iversion",
          "noiversion",
          "debug",
          "dax=never",
          "dax=inode",
          "inlinecrypt",
          "nojournal_checksum",
          "warn_on_error",
          "nowarn_on_error",
          "oldalloc",
          "orlov",
          "bh",
          "nobh",
          "mblk_io_submit",
          "nomblk_io_submit",
          "reservation",
          "noreservation",
          "nocheck");

  private static final Set<String> ACCEPTED_NUMBERS =
      Set.of(
          "auto_da_alloc",
          "init_itable",
          "stripe",
          "inode_readahead_blks",
          "min_batch_time",
          "max_batch_time",
          "journal_ioprio",
          "mb_optimize_scan");

  /** What Linux has and is not done here, and what to do about that. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("data=journal", "contents are not logged; data=ordered is the strictest"),
          Map.entry("data_err=abort", "a write that fails is an error for its writer"),
          Map.entry("journal_dev", "name the device with journal_path="),
          Map.entry("sb", "restore the superblock with e2fsck -b"),
          Map.entry("usrjquota", "tune2fs -O quota keeps quotas in the volume"),
          Map.entry("grpjquota", "tune2fs -O quota keeps quotas in the volume"),
          Map.entry("jqfmt", "tune2fs -O quota keeps quotas in the volume"),
          Map.entry("max_dir_size_kb", "directories grow as long as there is room"),
          Map.entry("nouid32", "owners have 32 bits"),
          Map.entry("dax", "images are not memory"),
          Map.entry("debug_want_extra_isize", "the superblock says how large inodes are"),
          Map.entry("test_dummy_encryption", "nothing is encrypted"),
          Map.entry("abort", "unmount it"));

  static {
    for (Ext4Option option :
        List.of(
            Ext4Option.BARRIER,
            Ext4Option.DISCARD,
            Ext4Option.DELALLOC,
            Ext4Option.GRPID,
            Ext4Option.ACL,
            Ext4Option.USER_XATTR,
            Ext4Option.QUOTA)) {
      String name = option.name().toLowerCase(Locale.ROOT);
      WORDS.put(name, new Choice(option, 1));
      WORDS.put("no" + name, new Choice(option, 0));
    }
    // Whatever is asked for, content is written before what refers to it is committed.
    WORDS.put("data=ordered", new Choice(Ext4Option.JOURNAL_DATA, 0));
    WORDS.put("data=writeback", new Choice(Ext4Option.JOURNAL_DATA, 0));
    WORDS.put("bsdgroups", new Choice(Ext4Option.GRPID, 1));
    WORDS.put("sysvgroups", new Choice(Ext4Option.GRPID, 0));
    WORDS.put("minixdf", new Choice(Ext4Option.MINIXDF, 1));
    WORDS.put("bsddf", new Choice(Ext4Option.MINIXDF, 0));
    WORDS.put("usrquota", new Choice(Ext4Option.QUOTA, 1));
    WORDS.put("grpquota", new Choice(Ext4Option.QUOTA, 1));
    WORDS.put("prjquota", new Choice(Ext4Option.PROJECT_QUOTA, 1));
    WORDS.put("journal_checksum", new Choice(Ext4Option.JOURNAL_CHECKSUM, 1));
    for (OnError onError : OnError.values()) {
      WORDS.put("errors=" + onError.option(), new Choice(Ext4Option.ERRORS, onError.stored()));
    }
    NUMBERS.put("barrier", new Choice(Ext4Option.BARRIER, 1));
    NUMBERS.put("resuid", new Choice(Ext4Option.RESUID, OWNER_MAX));
    NUMBERS.put("resgid", new Choice(Ext4Option.RESGID, OWNER_MAX));
    NUMBERS.put("commit", new Choice(Ext4Option.COMMIT, SECONDS_MAX));
  }

  private final EnumMap<Ext4Option, Long> chosen = new EnumMap<>(Ext4Option.class);

  /**
   * Takes one option.
   *
   * @return false if ext4 has none of that name
   * @throws IllegalArgumentException if it is not supported, or its value is not what it should be
   */
  public boolean take(String option) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    Choice word = WORDS.get(option);
    if (word != null) {
      choose(word.option, word.value);
    } else if (equals > 0 && NUMBERS.containsKey(name)) {
      Choice limit = NUMBERS.get(name);
      choose(limit.option, number(name, option.substring(equals + 1), limit.value));
    } else if (equals > 0 && ACCEPTED_NUMBERS.contains(name)) {
      long unused = number(name, option.substring(equals + 1), Integer.MAX_VALUE);
    } else if (!ACCEPTED.contains(option)) {
      refuse(option, name);
      return false;
    }
    return true;
  }

  private void choose(Ext4Option option, long value) {
    chosen.put(option, value);
    if (option == Ext4Option.QUOTA && value == 0) {
      chosen.remove(Ext4Option.PROJECT_QUOTA);
    }
  }

  private static void refuse(String option, String name) {
    String reason = REFUSED.getOrDefault(option, REFUSED.get(name));
    if (reason != null) {
      throw new IllegalArgumentException(
          "the mount option " + option + " is not supported: " + reason);
    }
    if (!names().contains(name)) {
      return;
    }
    if (name.equals("errors")) {
      throw new IllegalArgumentException(option + ": it is continue, remount-ro or panic");
    }
    if (name.equals("data") || name.equals("data_err")) {
      throw new IllegalArgumentException(option + ": there is no such mode");
    }
    boolean takesNumber = NUMBERS.containsKey(name) || ACCEPTED_NUMBERS.contains(name);
    throw new IllegalArgumentException(
        "the mount option " + name + (takesNumber ? " needs a value" : " takes no value"));
  }

  /** The value of an option. @throws IllegalArgumentException if it is not from 0 to {@code max} */
  public static long number(String name, String text, long max) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        name + "=" + text + ": not a number" + (max == Long.MAX_VALUE ? "" : " from 0 to " + max));
  }

  /** The names of all options, without values. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>(ACCEPTED_NUMBERS);
    names.addAll(NUMBERS.keySet());
    for (Set<String> more : List.of(WORDS.keySet(), ACCEPTED, REFUSED.keySet())) {
      for (String option : more) {
        names.add(option.split("=", 2)[0]);
      }
    }
    return names;
  }

  /** What was chosen. */
  public Ext4Options result() {
    return Ext4Options.of(chosen);
  }
}
