package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The directory a volume is mounted on: by mount(2) for root, else through fusermount3. */
final class MountPoint {
  private static final String DEVICE = "/dev/fuse";
  static final String TYPE = "fuse.ext4lite";

  private final Path directory;
  private final boolean privileged;

  private MountPoint(Path directory, boolean privileged) {
    this.directory = directory;
    this.privileged = privileged;
  }

  /**
   * Checks what a volume is to be mounted on.
   *
   * @throws MountException ENOENT, ENOTDIR, EBUSY, EACCES; ENODEV without FUSE
   */
  static MountPoint of(Path path) throws IOException {
    String what = "mounting on " + path;
    if (!Files.exists(path)) {
      throw new MountException(what, Errno.ENOENT, "make the directory first");
    }
    if (!Files.isDirectory(path)) {
      throw new MountException(what, Errno.ENOTDIR, "it is not a directory");
    }
    Path directory = path.toRealPath();
    if (MountTable.read().find(directory) != null) {
      throw new MountException(what, Errno.EBUSY, "something is mounted there already");
    }
    if (!Files.exists(Path.of(DEVICE))) {
      throw new MountException(
          what, Errno.ENODEV, "there is no " + DEVICE + ": load the kernel module fuse");
    }
    return new MountPoint(directory, isRoot());
  }

  /** A directory that something is mounted on already. */
  static MountPoint mounted(Path directory) throws IOException {
    return new MountPoint(directory, isRoot());
  }

  static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  Path directory() {
    return directory;
  }

  /**
   * Mounts.
   *
   * @param source shown as what is mounted
   * @return the descriptor of the connection
   */
  int mount(String source, MountOptions options, int readBytesMax) throws IOException {
    return privileged
        ? mountDirectly(source, options, readBytesMax)
        : FuserMount.mount(source, directory, options, readBytesMax);
  }

  /** Has umount(8) find what waits for the server. */
  void note(String source, List<String> options) {
    if (privileged) {
      UserTable.note(source, directory, MountOptions.split(options));
    }
  }

  /** Takes that back, unless there is another mount by now. */
  void forget() throws IOException {
    if (privileged && MountTable.read().find(directory) == null) {
      UserTable.forget(directory);
    }
  }

  private int mountDirectly(String source, MountOptions options, int readBytesMax)
      throws IOException {
    int fd = LinuxFiles.open(DEVICE, LinuxFiles.O_RDWR, 0);
    if (fd < 0) {
      throw new MountException("opening " + DEVICE, fd, "");
    }
    String data =
        "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions%s,max_read=%d"
            .formatted(fd, options.allowOther() ? ",allow_other" : "", readBytesMax);
    int result = Mounts.mount(source, directory.toString(), TYPE, options.mountFlags(), data);
    if (result < 0) {
      int unused = LinuxFiles.close(fd);
      throw new MountException("mounting on " + directory, result, "");
    }
    return fd;
  }

  /** Unmounts. @throws MountException EBUSY if it is in use and that is not to be ignored */
  void unmount(Unmount.Manner manner) throws IOException {
    if (!privileged) {
      FuserMount.unmount(directory, manner == Unmount.Manner.LAZY);
      return;
    }
    int flags =
        switch (manner) {
          case PLAIN -> 0;
          case FORCED -> Mounts.MNT_FORCE;
          case LAZY -> Mounts.MNT_DETACH;
        };
    int result = Mounts.unmount(directory.toString(), flags);
    if (result < 0) {
      throw new MountException("unmounting " + directory, result, "");
    }
  }
}
