package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Superblock;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Mount options of ext4 that somebody chose: on a command line, or in the superblock. What nobody
 * chose is as it is in Linux. Immutable.
 */
public final class Ext4Options {
  /** Nothing was chosen. */
  public static final Ext4Options NONE = new Ext4Options(new EnumMap<>(Ext4Option.class));

  private final EnumMap<Ext4Option, Long> chosen;

  private Ext4Options(EnumMap<Ext4Option, Long> chosen) {
    this.chosen = chosen;
  }

  /**
   * Reads a list of ext4's own options, separated by commas.
   *
   * @throws IllegalArgumentException names one that is not supported, not known, or wrong
   */
  public static Ext4Options of(String list) {
    Ext4OptionParser parser = new Ext4OptionParser();
    for (String option : list.split(",", -1)) {
      if (!option.isEmpty() && !parser.take(option)) {
        throw new IllegalArgumentException("unknown mount option " + option);
      }
    }
    return parser.result();
  }

  static Ext4Options of(Map<Ext4Option, Long> chosen) {
    EnumMap<Ext4Option, Long> copy = new EnumMap<>(Ext4Option.class);
    copy.putAll(chosen);
    return new Ext4Options(copy);
  }

  /**
   * The defaults of a volume: those of tune2fs -o and, before them, of tune2fs -E mount_opts. As in
   * Linux these are left alone altogether if one of them is not known.
   */
  static Ext4Options stored(Superblock superblock) {
    EnumMap<Ext4Option, Long> bits = new EnumMap<>(Ext4Option.class);
    if (superblock.isDefault(Superblock.DEFAULT_BSDGROUPS)) {
      bits.put(Ext4Option.GRPID, 1L);
    }
    if (superblock.isDefault(Superblock.DEFAULT_NOBARRIER)) {
      bits.put(Ext4Option.BARRIER, 0L);
    }
    if (superblock.isDefault(Superblock.DEFAULT_DISCARD)) {
      bits.put(Ext4Option.DISCARD, 1L);
    }
    if (superblock.isDefault(Superblock.DEFAULT_NODELALLOC)) {
      bits.put(Ext4Option.DELALLOC, 0L);
    }
    if (superblock.journalsData()) {
      bits.put(Ext4Option.JOURNAL_DATA, 1L);
    }
    bits.put(Ext4Option.RESUID, (long) superblock.reserveUid());
    bits.put(Ext4Option.RESGID, (long) superblock.reserveGid());
    OnError onError = OnError.ofStored(superblock.errorsBehaviour());
    bits.put(Ext4Option.ERRORS, (long) onError.stored());
    return listed(superblock).over(new Ext4Options(bits));
  }

  private static Ext4Options listed(Superblock superblock) {
    try {
      return of(superblock.mountOptions());
    } catch (IllegalArgumentException e) {
      return asksToLogData(superblock) ? of(Map.of(Ext4Option.JOURNAL_DATA, 1L)) : NONE;
    }
  }

  private static boolean asksToLogData(Superblock superblock) {
    return superblock.mountOptions().contains("data=journal");
  }

  /** Why the options that a superblock lists are left alone, or an empty string. */
  static String whyNotApplied(Superblock superblock) {
    try {
      Ext4Options unused = of(superblock.mountOptions());
      return "";
    } catch (IllegalArgumentException e) {
      return "the mount options in its superblock are not applied: " + e.getMessage();
    }
  }

  /** These, and where nothing was chosen others. */
  Ext4Options over(Ext4Options others) {
    EnumMap<Ext4Option, Long> all = new EnumMap<>(others.chosen);
    all.putAll(chosen);
    return new Ext4Options(all);
  }

  private boolean is(Ext4Option option, boolean otherwise) {
    return chosen.getOrDefault(option, otherwise ? 1L : 0L) != 0;
  }

  /** What follows a corrupt structure. */
  OnError onError() {
    return OnError.ofStored(chosen.getOrDefault(Ext4Option.ERRORS, 0L).intValue());
  }

  /** Whether the device's cache is flushed. */
  boolean flushes() {
    return is(Ext4Option.BARRIER, true);
  }

  /** Who may have reserved blocks. */
  public ReserveOwner reserveOwner() {
    return new ReserveOwner(
        chosen.getOrDefault(Ext4Option.RESUID, 0L), chosen.getOrDefault(Ext4Option.RESGID, 0L));
  }

  /** Whether freed blocks are discarded. */
  boolean discards() {
    return is(Ext4Option.DISCARD, false);
  }

  /** How long a change stays in memory at most. */
  long commitNanos(long otherwise) {
    long seconds = chosen.getOrDefault(Ext4Option.COMMIT, 0L);
    return seconds == 0 ? otherwise : TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Whether content that was written may wait for its blocks. */
  boolean delays() {
    return is(Ext4Option.DELALLOC, true);
  }

  boolean logsData() {
    return is(Ext4Option.JOURNAL_DATA, false);
  }

  boolean groupOfDirectory() {
    return is(Ext4Option.GRPID, false);
  }

  boolean countsOverhead() {
    return is(Ext4Option.MINIXDF, false);
  }

  /** Whether access lists are seen and kept to. */
  public boolean acl() {
    return is(Ext4Option.ACL, true);
  }

  /** Whether attributes of users are seen. */
  public boolean userXattrs() {
    return is(Ext4Option.USER_XATTR, true);
  }

  boolean quotaLimits() {
    return is(Ext4Option.QUOTA, true);
  }

  boolean needsProjects() {
    return is(Ext4Option.PROJECT_QUOTA, false);
  }

  boolean wantsChecksums() {
    return is(Ext4Option.JOURNAL_CHECKSUM, false);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ext4Options options && chosen.equals(options.chosen);
  }

  @Override
  public int hashCode() {
    return chosen.hashCode();
  }

  @Override
  public String toString() {
    return chosen.toString();
  }
}
