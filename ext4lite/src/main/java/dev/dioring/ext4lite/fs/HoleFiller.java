package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;

/** Allocates blocks for writes that are about to come. */
interface HoleFiller {
  /**
   * Allocates what is missing in a range of file blocks. What was allocated stays unwritten until
   * it is converted.
   *
   * @throws IOException if blocks run out or a structure is corrupt; what was allocated before that
   *     stays allocated
   */
  default void fill(long fromFileBlockNr, long endFileBlockNr) throws IOException {
    try {
      fillOnce(fromFileBlockNr, endFileBlockNr);
    } catch (NoSpaceException e) {
      SpaceRetry.after(
          e,
          journal(),
          () -> {
            fillOnce(fromFileBlockNr, endFileBlockNr);
            return null;
          });
    }
  }

  private void fillOnce(long fromFileBlockNr, long endFileBlockNr) throws IOException {
    long at = fromFileBlockNr;
    while (at < endFileBlockNr) {
      at = fillNext(at, endFileBlockNr);
    }
  }

  /** Does so for the start of a range, with a handle of its own. @return where to go on */
  long fillNext(long fromFileBlockNr, long endFileBlockNr) throws IOException;

  Journal journal();

  /** Whether who writes now may have blocks that are reserved. */
  default void mayUseReserved(boolean may) {}

  /**
   * Blocks were promised to what is written until {@link #endPromise}, with all other writes kept
   * out or done.
   */
  default void usePromise(long blocks) {}

  /** What is left of the promise is taken back. */
  default void endPromise() {}

  /** Whether blocks are allocated that {@link #giveUp} would free. */
  default boolean hasClaims() {
    return false;
  }

  /**
   * Frees what was allocated in memory alone, for writes that failed. The caller keeps writes out,
   * and none is in flight.
   */
  default void giveUp() {}
}
