package dev.dioring.ext4lite.journal;

import java.io.IOException;

/**
 * How changes of metadata get to the disk: gathered in transactions, which become durable one after
 * the other. Thread-safe.
 */
public interface Journal extends AutoCloseable {
  /**
   * Begins a change. Parks while a commit takes its snapshot, and while the log is full.
   *
   * @param credits blocks the change may touch at most
   * @throws LargeChangeException if the journal is too small for so many blocks at once
   * @throws ReadOnlyVolumeException if the volume is, or has turned, read-only
   * @throws IllegalArgumentException if so large a change could never fit
   */
  Handle start(int credits) throws ReadOnlyVolumeException, LargeChangeException;

  /**
   * Whether {@link #start} would return at once, as far as can be told without waiting. By the time
   * it is called that may have changed.
   */
  default boolean admits(int credits) {
    return false;
  }

  /** Number of the newest transaction; all changes that ended before are in it or an older one. */
  long newestTransaction();

  /** Whether a transaction is durable. No waiting. */
  boolean isDurable(long transaction);

  /**
   * Makes a transaction and those before it durable, and all data that was written before this
   * call. Callers share commits and flushes. Parks.
   *
   * @throws IOException if they could not be written; the volume is read-only from then on
   */
  void commit(long transaction) throws IOException;

  /** Makes all changes that ended before this call durable, and the data written before it. */
  default void commit() throws IOException {
    commit(newestTransaction());
  }

  /** Commits, and waits for the actions that ran after it. */
  void settle() throws IOException;

  /**
   * Whether the changes made through one handle become durable all together, or else in the order
   * of {@link dev.dioring.ext4lite.buffer.WriteOrder}.
   */
  boolean isAtomic();

  /** Whether there is anything to commit. */
  boolean isClean();

  /**
   * Refuses all changes from now on, those that are not durable included, because of what was found
   * on the disk, or because the volume is shut down. No waiting; the listener for failures is told
   * when nothing is written any more.
   */
  void abort(IOException cause);

  /** The errno that turned the volume read-only, or 0. */
  int abortErrno();

  /** What was done so far. */
  JournalStats stats();

  /** Commits and ends the background work. */
  @Override
  void close() throws IOException;
}
