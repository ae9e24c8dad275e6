package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import java.io.IOException;

/** How changes of metadata get to the disk. Thread-safe. */
public interface Journal extends AutoCloseable {
  /**
   * Begins a change. Parks while a commit takes its snapshot.
   *
   * @param credits blocks the change may touch at most
   * @throws ReadOnlyVolumeException if the volume is, or has turned, read-only
   */
  Handle start(int credits) throws ReadOnlyVolumeException;

  /**
   * Makes all changes that ended before this call durable, and the data that was written before it
   * too. Parks.
   *
   * @throws IOException if they could not be written; the volume is read-only from then on
   */
  void commit() throws IOException;

  /** Commits, and waits for the actions that ran after it. */
  void settle() throws IOException;

  /**
   * Makes the changes of a transaction and of all before it durable, and the data that was written
   * before this call. Where they are durable already that takes no more than a flush, which callers
   * share. Parks.
   *
   * @param transaction {@link MetadataBuffer#changedIn} of the block in question
   * @throws IOException as {@link #commit()}
   */
  void commit(long transaction) throws IOException;

  /**
   * Whether the changes made through one handle become durable all together, or else in the order
   * of {@link dev.dioring.ext4lite.buffer.WriteOrder}.
   */
  boolean isAtomic();

  /** Whether there is anything to commit. */
  boolean isClean();

  /** The errno that turned the volume read-only, or 0. */
  int abortErrno();

  /** Commits and ends the background work. */
  @Override
  void close() throws IOException;
}
