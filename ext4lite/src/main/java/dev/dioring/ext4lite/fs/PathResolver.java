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

  /** Where it is, referred to: what others remove meanwhile stays until it has gone on. */
  private LiveInode at;

  private PathResolver(VolumeReader volume, String path, boolean followLast) throws IOException {
    this.volume = volume;
    this.path = path;
    this.followLast = followLast;
    at = volume.inodes().acquire(Ext4Inode.ROOT_NR);
  }

  static Ext4Inode resolve(VolumeReader volume, String path, boolean followLast)
      throws IOException {
    PathResolver resolver = new PathResolver(volume, path, followLast);
    try {
      resolver.walk();
      return volume.inode(resolver.at);
    } finally {
      volume.inodes().release(resolver.at);
    }
  }

  private void walk() throws IOException {
    prepend(path);
    for (String name = rest.poll(); name != null; name = rest.poll()) {
      // A slash at the end, which leaves an empty last component, asks for a directory.
      if (!at.isDirectory()) {
        throw failure(Errno.ENOTDIR, "a part of the path is not a directory");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        step(name);
      }
    }
  }

  private void step(String name) throws IOException {
    LiveInode next = child(name);
    if (next.kind() != FileKind.SYMLINK || (rest.isEmpty() && !followLast)) {
      moveTo(next);
      return;
    }
    String target;
    try {
      if (++symlinks > SYMLINKS_MAX) {
        throw failure(Errno.ELOOP, "more than " + SYMLINKS_MAX + " symbolic links");
      }
      target = volume.inode(next).readSymlink();
    } finally {
      volume.inodes().release(next);
    }
    prepend(target);
    if (target.startsWith("/")) {
      moveTo(volume.inodes().acquire(Ext4Inode.ROOT_NR));
    }
  }

  private void moveTo(LiveInode next) throws IOException {
    LiveInode left = at;
    at = next;
    volume.inodes().release(left);
  }

  /** What a name leads to, referred to. */
  private LiveInode child(String name) throws IOException {
    at.namesLock().readLock().lock();
    try {
      boolean removed = at.inode().linksCount() == 0;
      DirectoryLookup names = new DirectoryLookup(volume, at.view());
      long inodeNr = removed ? 0 : names.find(FileName.encode(name));
      if (inodeNr == 0) {
        throw failure(Errno.ENOENT, name.equals(path) ? "" : "there is no " + name);
      }
      return volume.inodes().acquire(inodeNr);
    } finally {
      at.namesLock().readLock().unlock();
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
