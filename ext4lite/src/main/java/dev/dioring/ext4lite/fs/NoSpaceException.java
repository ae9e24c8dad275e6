package dev.dioring.ext4lite.fs;

import java.io.IOException;

/** The volume has no free blocks left, but for those that are reserved. */
final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  NoSpaceException(long wantedBlocks, long freeBlocks, long reservedBlocks) {
    super(
        "no space: "
            + wantedBlocks
            + " blocks wanted, "
            + freeBlocks
            + " free, "
            + reservedBlocks
            + " of them reserved");
  }
}
