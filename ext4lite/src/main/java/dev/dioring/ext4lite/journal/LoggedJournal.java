package dev.dioring.ext4lite.journal;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.threads.Uninterruptibly;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of metadata on an image with a journal, in the format of jbd2. Handles join the running
 * transaction; the commit thread locks it, copies what changed, lets the next one run, and writes
 * the copies into the log: revoke blocks, descriptors and copies, a flush that covers the data
 * written before too, then the commit block with FUA. Copies go to their places later, by the same
 * thread, when the log or its memory fills.
 */
public final class LoggedJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedJournal.class);

  private final String volume;
  private final SharedFlush flushes;
  private final Committer committer;
  private final Transactions transactions;
  private final Consumer<IOException> onFailure;
  private final int extraCredits;
  private final Thread thread;

  /**
   * Starts the journal of a volume, whose log recovery has left empty.
   *
   * @param volume name for threads and messages
   * @param intervalNanos how long a change stays in memory at most
   * @param extraCredits blocks that every handle may change beyond what it asks for
   * @param onFailure told once, on the commit thread, why the volume has become read-only
   * @throws BlockIoException if the journal's superblock cannot be read
   */
  public LoggedJournal(
      String volume,
      BlockIo io,
      JournalPlace place,
      int blockSizeBytes,
      long intervalNanos,
      Clock clock,
      int extraCredits,
      Consumer<IOException> onFailure)
      throws BlockIoException {
    this.volume = volume;
    this.onFailure = onFailure;
    this.extraCredits = extraCredits;
    flushes = new SharedFlush(io);
    ReentrantLock lock = new ReentrantLock();
    committer = new Committer(io, place, blockSizeBytes, clock, lock);
    transactions = new Transactions(volume, lock, committer, intervalNanos);
    thread = Thread.ofVirtual().name("commit/" + volume).unstarted(this::run);
    thread.start();
  }

  @Override
  public Handle start(int credits) throws ReadOnlyVolumeException, LargeChangeException {
    return transactions.start(credits + extraCredits);
  }

  @Override
  public boolean admits(int credits) {
    return transactions.admits(credits);
  }

  @Override
  public long newestTransaction() {
    return transactions.newestId();
  }

  @Override
  public boolean isDurable(long transaction) {
    return transactions.isDurable(transaction);
  }

  @Override
  public void commit(long transaction) throws IOException {
    if (!transactions.await(transaction)) {
      flushes.flush();
    }
  }

  @Override
  public void settle() throws IOException {
    commit();
    boolean unused = transactions.awaitActions();
  }

  @Override
  public boolean isAtomic() {
    return true;
  }

  @Override
  public boolean isClean() {
    return transactions.isClean();
  }

  @Override
  public void abort(IOException cause) {
    transactions.abort(cause);
  }

  @Override
  public int abortErrno() {
    return transactions.isAborted() ? Errno.EROFS : 0;
  }

  @Override
  public JournalStats stats() {
    return transactions.stats();
  }

  @Override
  public void close() throws IOException {
    try {
      // What runs after a commit may be a change again.
      do {
        commit();
      } while (transactions.awaitActions());
    } finally {
      transactions.stop();
      Uninterruptibly.join(thread);
      committer.close();
    }
    transactions.requireNoAbort();
  }

  /** Transactions with changes that were written to the log. */
  long commits() {
    return committer.commits();
  }

  /** The commit thread. */
  private void run() {
    try {
      while (true) {
        switch (transactions.awaitWork()) {
          case COMMIT -> commitRunning();
          case MAKE_ROOM -> {
            committer.makeRoom();
            transactions.roomMade();
          }
          case STOP -> {
            committer.empty();
            return;
          }
        }
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      abort(e);
    }
  }

  private void commitRunning() throws IOException {
    Committer.Frozen frozen = transactions.freeze();
    Transaction transaction = frozen.transaction();
    committer.log(frozen);
    transactions.flushing(transaction);
    committer.commit(frozen);
    transaction.atCommit.forEach(Runnable::run);
    List<Runnable> actions = transactions.finished(transaction);
    if (!actions.isEmpty()) {
      // They may start handles, which may have to wait for this thread.
      Thread unused =
          Thread.ofVirtual().name("committed/" + volume).start(() -> runActions(actions));
    }
  }

  private void runActions(List<Runnable> actions) {
    try {
      actions.forEach(Runnable::run);
    } finally {
      transactions.acted();
    }
  }

  private void abort(Throwable e) {
    if (e instanceof VolumeShutDownException) {
      // There is no failure to record, and no copy goes to its place any more.
      return;
    }
    IOException failure;
    if (e instanceof IOException known) {
      failure = known;
      LOG.error("{}: the journal is aborted, now read-only: {}", volume, e.getMessage());
    } else {
      failure = new IOException(e.toString(), e);
      LOG.error("{}: the journal is aborted, now read-only", volume, e);
    }
    // Recorded first: whoever hears of it may look at the disk.
    try {
      committer.recordError(Errno.EIO);
      onFailure.accept(failure);
    } finally {
      transactions.abort(failure);
    }
  }
}
