package dev.dioring.ext4lite.journal;

import java.io.IOException;

/** A change touches more blocks than any transaction of the journal may have. */
public final class LargeChangeException extends IOException {
  private static final long serialVersionUID = 1L;

  LargeChangeException(int blocks, int blocksMax) {
    super(
        "a change of "
            + blocks
            + " blocks is too large for the journal, whose transactions have at most "
            + blocksMax);
  }
}
