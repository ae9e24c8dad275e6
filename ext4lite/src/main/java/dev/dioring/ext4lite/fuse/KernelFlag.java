package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Mounts;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the kernel is asked by a flag of mount(2), and the option that takes it back. */
enum KernelFlag {
  NOSUID(Mounts.MS_NOSUID, "suid"),
  NODEV(Mounts.MS_NODEV, "dev"),
  NOEXEC(Mounts.MS_NOEXEC, "exec"),
  NOSYMFOLLOW(Mounts.MS_NOSYMFOLLOW, "symfollow"),
  NOATIME(Mounts.MS_NOATIME, "atime"),
  NODIRATIME(Mounts.MS_NODIRATIME, "diratime"),
  RELATIME(Mounts.MS_RELATIME, "norelatime"),
  STRICTATIME(Mounts.MS_STRICTATIME, "nostrictatime"),
  LAZYTIME(Mounts.MS_LAZYTIME, "nolazytime"),
  SYNC(Mounts.MS_SYNCHRONOUS, "async"),
  DIRSYNC(Mounts.MS_DIRSYNC, null);

  final long bit;

  /** The option that clears it, if there is one. */
  final @Nullable String opposite;

  KernelFlag(int bit, @Nullable String opposite) {
    this.bit = bit;
    this.opposite = opposite;
  }

  /** The option that sets it. */
  String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
