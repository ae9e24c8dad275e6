package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Follows a path from the root directory, through symbolic links. */
final class PathResolver {
  private static final int SYMLINKS_MAX = 40;

  private final VolumeReader volume;
  private final String path;
  private final boolean followLast;

  /** What is left of the path, the next component first. */
  private final Deque<String> rest = new ArrayDeque<>();

  private int symlinks;

  PathResolver(VolumeReader volume, String path, boolean followLast) {
    this.volume = volume;
    this.path = path;
    this.followLast = followLast;
  }

  Ext4Inode resolve() throws IOException {
    Ext4Inode root = volume.inode(Ext4Inode.ROOT_NR);
    Ext4Inode at = root;
    prepend(path);
    while (true) {
      String name = rest.poll();
      if (name == null) {
        return at;
      }
      // A slash at the end, which leaves an empty last component, asks for a directory.
      if (!at.isDirectory()) {
        throw failure(Errno.ENOTDIR, "a part of the path is not a directory");
      }
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      long inodeNr = at.lookUp(name);
      if (inodeNr == 0) {
        throw failure(Errno.ENOENT, name.equals(path) ? "" : "there is no " + name);
      }
      Ext4Inode next = volume.inode(inodeNr);
      boolean follow = followLast || !rest.isEmpty();
      if (next.kind() == FileKind.SYMLINK && follow) {
        if (++symlinks > SYMLINKS_MAX) {
          throw failure(Errno.ELOOP, "more than " + SYMLINKS_MAX + " symbolic links");
        }
        String target = next.readSymlink();
        prepend(target);
        at = target.startsWith("/") ? root : at;
      } else {
        at = next;
      }
    }
  }

  private void prepend(String more) {
    if (more.endsWith("/")) {
      rest.addFirst("");
    }
    int end = more.length();
    while (end >= 0) {
      int slash = more.lastIndexOf('/', end - 1);
      if (slash + 1 < end) {
        rest.addFirst(more.substring(slash + 1, end));
      }
      end = slash;
    }
  }

  private Ext4Exception failure(int errno, String detail) {
    return new Ext4Exception(path + " in " + volume.name(), errno, detail);
  }
}
