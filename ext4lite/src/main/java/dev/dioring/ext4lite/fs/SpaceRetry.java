package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Journal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what found no space: blocks that were freed can be had once the freeing is durable.
 * While others free and allocate, those may be taken again before one more try gets there.
 */
final class SpaceRetry {
  private static final int TRIES_MAX = 20;

  private SpaceRetry() {}

  /** What is tried; it goes on where it stopped, or nothing has changed. */
  @FunctionalInterface
  interface Attempt<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /**
   * Tries again. Parks.
   *
   * @param first what the first try ended with
   */
  static <T extends @Nullable Object> T after(
      NoSpaceException first, Journal journal, Attempt<T> attempt) throws IOException {
    NoSpaceException last = first;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      // What had been freed then may be durable by now: that is worth a try as well.
      if (!journal.isClean()) {
        journal.settle();
      } else if (tries > 0) {
        break;
      }
      try {
        return attempt.run();
      } catch (NoSpaceException e) {
        last = e;
      }
    }
    throw last;
  }
}
