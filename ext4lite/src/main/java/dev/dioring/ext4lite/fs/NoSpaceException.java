package dev.dioring.ext4lite.fs;

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

  static NoSpaceException ofInodes(long inodesCount) {
    return new NoSpaceException("no space: all " + inodesCount + " inodes are in use");
  }

  static NoSpaceException ofIndex(long inodeNr) {
    return new NoSpaceException("no space: the index of directory " + inodeNr + " is full");
  }
}
