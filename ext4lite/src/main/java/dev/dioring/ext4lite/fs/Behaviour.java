package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Superblock;

/**
 * What a volume does by itself while it is open, as mount options say.
 *
 * @param options ext4's own
 * @param accessTimes when reads of files and links are noted
 * @param directoryAccessTimes when those of directories are
 * @param syncAll whether every change is durable before it ends
 * @param syncDirectories whether changes of directories are
 */
public record Behaviour(
    Ext4Options options,
    AccessTimes accessTimes,
    AccessTimes directoryAccessTimes,
    boolean syncAll,
    boolean syncDirectories) {
  /** As the superblock says; reads are not noted. */
  public static final Behaviour DEFAULT =
      new Behaviour(Ext4Options.NONE, AccessTimes.NEVER, AccessTimes.NEVER, false, false);

  /** The same, and what the superblock says where nobody said otherwise. */
  Behaviour over(Superblock superblock) {
    return new Behaviour(
        options.over(Ext4Options.stored(superblock)),
        accessTimes,
        directoryAccessTimes,
        syncAll,
        syncDirectories);
  }
}
