package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Superblock;
import org.jspecify.annotations.Nullable;

/**
 * What a volume does by itself while it is open, as mount options of ext4 say.
 *
 * @param onError what follows a corrupt structure; null for what the superblock says
 * @param barrier whether the device's cache is flushed; null for what the superblock says
 * @param discard whether freed blocks are discarded; null for what the superblock says
 * @param accessTimes when reads of files and links are noted
 * @param directoryAccessTimes when those of directories are
 * @param syncAll whether every change is durable before it ends
 * @param syncDirectories whether changes of directories are
 */
public record Behaviour(
    @Nullable OnError onError,
    @Nullable Boolean barrier,
    @Nullable Boolean discard,
    AccessTimes accessTimes,
    AccessTimes directoryAccessTimes,
    boolean syncAll,
    boolean syncDirectories) {
  /** As the superblock says; reads are not noted. */
  public static final Behaviour DEFAULT =
      new Behaviour(null, null, null, AccessTimes.NEVER, AccessTimes.NEVER, false, false);

  /** What s_errors asks for, unless somebody said otherwise. */
  OnError onError(Superblock superblock) {
    return onError != null ? onError : OnError.ofStored(superblock.errorsBehaviour());
  }

  boolean flushes(Superblock superblock) {
    return barrier != null ? barrier : !superblock.isDefault(Superblock.DEFAULT_NOBARRIER);
  }

  boolean discards(Superblock superblock) {
    return discard != null ? discard : superblock.isDefault(Superblock.DEFAULT_DISCARD);
  }
}
