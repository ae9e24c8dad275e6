package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks at everything in a volume, as a user would, and goes on behind every clean failure. Each
 * inode is visited once, and of each file only a part is read; everything else has to be bounded by
 * the volume itself.
 */
final class ImageWalk {
  private static final long FILE_BUDGET_BYTES = 512 << 10;
  private static final Set<Integer> CLEAN_ERRNOS = Set.of(Errno.EUCLEAN, Errno.EIO);

  /** A step that may fail cleanly. */
  private interface Step {
    void run() throws IOException;
  }

  private final Ext4Volume volume;

  /** What is read goes here. */
  private final MemorySegment memory;

  private final Deque<Long> found = new ArrayDeque<>();
  private final Set<Long> seen = new HashSet<>();
  private int inodes;
  private long entries;
  private long bytes;
  private int failures;

  ImageWalk(Ext4Volume volume, MemorySegment memory) {
    this.volume = volume;
    this.memory = memory;
  }

  /** Inodes that could be read. */
  int inodes() {
    return inodes;
  }

  long entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  /** Steps that failed. */
  int failures() {
    return failures;
  }

  /**
   * Walks from the root, and to some inodes and paths that may not be reachable from it.
   *
   * @param names looked up in every directory
   */
  void run(String... names) {
    find(Ext4Inode.ROOT_NR);
    while (!found.isEmpty()) {
      long inodeNr = found.remove();
      step(() -> visit(volume.inode(inodeNr), names));
    }
    for (String name : names) {
      step(() -> volume.resolve(name, true));
    }
    step(volume::usage);
  }

  private void find(long inodeNr) {
    if (seen.add(inodeNr)) {
      found.add(inodeNr);
    }
  }

  private void visit(Ext4Inode inode, String... names) {
    inodes++;
    inode.accessTime();
    inode.creationTime();
    step(
        () -> {
          for (String name : inode.xattrNames()) {
            step(() -> inode.xattr(name));
          }
        });
    switch (inode.kind()) {
      case DIRECTORY -> {
        step(() -> list(inode));
        for (String name : names) {
          step(() -> inode.lookUp(name));
        }
      }
      case SYMLINK -> step(inode::readSymlink);
      case REGULAR -> step(() -> read(inode));
      default -> {}
    }
  }

  private void list(Ext4Inode directory) throws IOException {
    try (DirectoryCursor cursor = directory.openDirectory()) {
      while (cursor.next()) {
        entries += cursor.name().isEmpty() ? 0 : 1;
        find(cursor.inodeNr());
      }
    }
  }

  private void read(Ext4Inode inode) throws IOException {
    try (Ext4File file = volume.openFile(inode, false)) {
      long size = file.sizeBytes();
      long step = memory.byteSize();
      for (long at = 0; at < Math.min(size, FILE_BUDGET_BYTES); at += step) {
        read(file, at);
      }
      for (long at : new long[] {size / 2, size - step, size, 1L << 42, Long.MAX_VALUE - step}) {
        read(file, Math.max(0, at) & -4096L);
      }
    }
  }

  private void read(Ext4File file, long at) {
    long result = file.io().read(at, memory, 0);
    if (result >= 0) {
      bytes += result;
      return;
    }
    failures++;
    if (!CLEAN_ERRNOS.contains((int) -result)) {
      throw new AssertionError(
          "reading inode "
              + file.inodeNr()
              + " at "
              + at
              + " of "
              + file.sizeBytes()
              + " gives "
              + Errno.describe((int) -result));
    }
  }

  private void step(Step step) {
    try {
      step.run();
    } catch (Ext4Exception e) {
      failures++;
    } catch (IOException e) {
      throw new AssertionError("not for users", e);
    }
  }
}
