package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Unmounting from another process than the one that serves. */
public final class Unmount {
  private final MountPoint point;

  /** The image, whose lock its server holds until everything is written. */
  private final Path image;

  private Unmount(MountPoint point, Path image) {
    this.point = point;
    this.image = image;
  }

  /**
   * Finds the mount of a directory.
   *
   * @throws MountException EINVAL if none of ours is mounted there
   */
  public static Unmount of(Path directory) throws IOException {
    // The directory of a mount whose server was killed cannot be looked at, only its parent.
    Path path = directory.toAbsolutePath().normalize();
    Path parent = path.getParent();
    if (parent != null && Files.exists(parent)) {
      path = parent.toRealPath().resolve(path.getFileName());
    }
    MountTable.Entry entry = MountTable.read().find(path);
    if (entry == null || !entry.type().equals(MountPoint.TYPE)) {
      throw new MountException(
          "unmounting " + directory, Errno.EINVAL, "no image is mounted there");
    }
    return new Unmount(MountPoint.mounted(path), Path.of(entry.source()));
  }

  /** How far unmounting goes where the directory is in use. */
  public enum Manner {
    /** It fails. */
    PLAIN,
    /** Its users are cut off, what they wait for included; it fails if they keep it open. */
    FORCED,
    /** It is taken out of the tree, and ends when its last user has gone. Nobody waits for that. */
    LAZY
  }

  /** Unmounts and, unless it is lazy, waits until the server has written everything. */
  public void run(Manner manner) throws IOException {
    point.unmount(manner);
    if (manner != Manner.LAZY) {
      awaitServer();
    }
  }

  /** A server that writes holds the lock alone; one that only reads has nothing to finish. */
  private void awaitServer() throws IOException {
    int fd = LinuxFiles.open(image.toString(), LinuxFiles.O_RDONLY, 0);
    if (fd < 0) {
      throw new MountException("waiting for the server of " + image, fd, "");
    }
    int locked = LinuxFiles.flock(fd, LinuxFiles.LOCK_SH);
    int unused = LinuxFiles.close(fd);
    if (locked < 0) {
      throw new MountException("waiting for the server of " + image, locked, "");
    }
  }
}
