package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;

/** mount(2) and umount2(2). Failures are {@code -errno}. */
public final class Mounts {
  public static final int MS_RDONLY = LibcH.MS_RDONLY();
  public static final int MS_NOSUID = LibcH.MS_NOSUID();
  public static final int MS_NODEV = LibcH.MS_NODEV();
  public static final int MS_NOEXEC = LibcH.MS_NOEXEC();
  public static final int MS_REMOUNT = LibcH.MS_REMOUNT();
  public static final int MS_NOSYMFOLLOW = LibcH.MS_NOSYMFOLLOW();
  public static final int MS_NOATIME = LibcH.MS_NOATIME();
  public static final int MS_NODIRATIME = LibcH.MS_NODIRATIME();
  public static final int MS_RELATIME = LibcH.MS_RELATIME();
  public static final int MS_STRICTATIME = LibcH.MS_STRICTATIME();
  public static final int MS_LAZYTIME = LibcH.MS_LAZYTIME();
  public static final int MS_SYNCHRONOUS = LibcH.MS_SYNCHRONOUS();
  public static final int MS_DIRSYNC = LibcH.MS_DIRSYNC();
  public static final int MNT_FORCE = LibcH.MNT_FORCE();
  public static final int MNT_DETACH = LibcH.MNT_DETACH();

  private static final LibcFunction MOUNT = LibcFunction.named("mount");
  private static final LibcFunction UMOUNT2 = LibcFunction.named("umount2");

  private Mounts() {}

  public static int mount(
      String source, String target, String fileSystemType, long flags, String data) {
    try (Arena arena = Arena.ofConfined()) {
      return MOUNT.callInt(
          addressOf(arena.allocateFrom(source)),
          addressOf(arena.allocateFrom(target)),
          addressOf(arena.allocateFrom(fileSystemType)),
          flags,
          addressOf(arena.allocateFrom(data)));
    }
  }

  public static int unmount(String target, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return UMOUNT2.callInt(addressOf(arena.allocateFrom(target)), flags);
    }
  }
}
