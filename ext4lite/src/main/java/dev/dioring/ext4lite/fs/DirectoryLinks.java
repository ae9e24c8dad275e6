package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;

/**
 * The link counts of directories: 2, and one for each directory in it. Where dir_nlink is on, an
 * indexed directory with more than fit has the count 1, from there on.
 */
final class DirectoryLinks {
  /** Most names an inode can have. */
  static final int MAX = 65_000;

  private static final int UNCOUNTED = 1;

  private DirectoryLinks() {}

  /** Whether no directory can be added. */
  static boolean isFull(Inode directory, VolumeReader volume) {
    boolean unlimited = volume.has(Feature.DIR_NLINK) && directory.has(Inode.FLAG_INDEX);
    return !unlimited && directory.linksCount() >= MAX;
  }

  static void increment(Inode directory) {
    int links = directory.linksCount();
    if (links != UNCOUNTED) {
      directory.linksCount(links >= MAX ? UNCOUNTED : links + 1);
    }
  }

  static void decrement(Inode directory) {
    if (directory.linksCount() > 2) {
      directory.linksCount(directory.linksCount() - 1);
    }
  }

  /** One directory more, one less, or none. */
  static void add(Inode directory, int change) {
    if (change > 0) {
      increment(directory);
    } else if (change < 0) {
      decrement(directory);
    }
  }
}
