package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A name in a directory of an image, whether there is such a file or not. */
final class NamedPlace {
  private final Ext4Inode parent;
  private final String name;

  private NamedPlace(Ext4Inode parent, String name) {
    this.parent = parent;
    this.name = name;
  }

  /** The place that a path names; its directory must exist. */
  static NamedPlace of(Ext4Volume volume, String path) throws Ext4Exception {
    String trimmed = path.replaceAll("/+$", "");
    int slash = trimmed.lastIndexOf('/');
    String name = trimmed.substring(slash + 1);
    if (name.isEmpty()) {
      throw new Ext4Exception(path, Errno.EINVAL, "it is the root directory");
    }
    return new NamedPlace(volume.resolve(trimmed.substring(0, slash + 1)), name);
  }

  /** The place a path names, or one in it, of another's name, if it is a directory. */
  static NamedPlace inOrAt(Ext4Volume volume, String path, String otherName) throws Ext4Exception {
    Ext4Inode present = find(volume, path);
    return present != null && present.isDirectory()
        ? new NamedPlace(present, otherName)
        : of(volume, path);
  }

  /** What a path leads to, or null. */
  static @Nullable Ext4Inode find(Ext4Volume volume, String path) throws Ext4Exception {
    try {
      return volume.resolve(path);
    } catch (Ext4Exception e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  long parentNr() {
    return parent.inodeNr();
  }

  String text() {
    return name;
  }

  byte[] name() {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
