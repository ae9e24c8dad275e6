package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;

/** The volume has no free blocks left, but for those that are reserved, or no free inodes. */
final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  private NoSpaceException(String message) {
    super(message);
  }

  NoSpaceException(long wantedBlocks, long freeBlocks, long reservedBlocks) {
    this(
        "no space: "
            + wantedBlocks
            + " blocks wanted, "
            + freeBlocks
            + " free, "
            + reservedBlocks
            + " of them reserved");
  }

  /**
   * Waits until what was freed a moment ago can be had: once the freeing is durable.
   *
   * @throws NoSpaceException this one, if nothing was freed
   */
  void awaitFreed(Journal journal) throws IOException {
    if (journal.isClean()) {
      throw this;
    }
    journal.settle();
  }

  static NoSpaceException ofInodes(long inodesCount) {
    return new NoSpaceException("no space: all " + inodesCount + " inodes are in use");
  }

  static NoSpaceException ofIndex(long inodeNr) {
    return new NoSpaceException("no space: the index of directory " + inodeNr + " is full");
  }
}
