package dev.dioring.ext4lite.journal;

import dev.dioring.bindings.Errno;
import java.io.IOException;

/** The journal of a volume that is not to be changed. */
public final class ReadOnlyJournal implements Journal {
  private final String reason;

  /**
   * Makes a journal that refuses every change.
   *
   * @param reason why, in a sentence for users
   */
  public ReadOnlyJournal(String reason) {
    this.reason = reason;
  }

  @Override
  public Handle start(int credits) throws ReadOnlyVolumeException {
    throw new ReadOnlyVolumeException(reason);
  }

  @Override
  public long newestTransaction() {
    return 0;
  }

  @Override
  public boolean isDurable(long transaction) {
    return true;
  }

  @Override
  public void settle() {}

  @Override
  public void commit(long transaction) {}

  @Override
  public boolean isAtomic() {
    return false;
  }

  @Override
  public boolean isClean() {
    return true;
  }

  @Override
  public void abort(IOException cause) {}

  @Override
  public int abortErrno() {
    return Errno.EROFS;
  }

  @Override
  public JournalStats stats() {
    return JournalStats.NONE;
  }

  @Override
  public void close() {}
}
