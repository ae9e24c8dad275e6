package dev.dioring.ext4lite.journal;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which transaction handles join, how far the others have come, and who waits for what: handles for
 * admission, callers of sync for durability, the commit thread for work and for handles to end.
 */
final class Transactions {
  private final String volume;
  private final ReentrantLock lock;
  private final Committer committer;
  private final Condition admission;
  private final Condition handlesEnd;
  private final Durability durability;
  private final CommitActions actions;
  private final CommitWork work;

  // Guarded by the lock.
  private @Nullable Transaction running;
  private int waitingHandles;
  private long handlesStarted;
  private @Nullable IOException abort;

  /**
   * Makes the state of an idle journal.
   *
   * @param lock the journal's, which guards the committer's log space too
   */
  Transactions(String volume, ReentrantLock lock, Committer committer, long intervalNanos) {
    this.volume = volume;
    this.lock = lock;
    this.committer = committer;
    admission = lock.newCondition();
    handlesEnd = lock.newCondition();
    durability = new Durability(lock);
    actions = new CommitActions(lock);
    work = new CommitWork(lock, committer, durability, intervalNanos);
  }

  long newestId() {
    return durability.newestId();
  }

  boolean isDurable(long id) {
    return durability.isDurable(id);
  }

  /** Lets a handle in, as soon as there is room for it in the running transaction and the log. */
  LoggedHandle start(int credits) throws ReadOnlyVolumeException, LargeChangeException {
    if (!committer.fitsTransaction(credits, 0)) {
      throw new LargeChangeException(credits, committer.transactionBlocksMax());
    }
    lock.lock();
    try {
      while (true) {
        requireRunning();
        Transaction transaction = running;
        if (transaction == null) {
          if (committer.hasRoomFor(credits, 0)) {
            return join(begin(), credits);
          }
          work.wantRoom();
        } else if (transaction.state() == Transaction.State.RUNNING) {
          if (!fits(transaction, credits)) {
            request(transaction.id);
          } else if (logHasRoom(transaction, credits)) {
            return join(transaction, credits);
          } else {
            work.wantRoom();
          }
        }
        waitingHandles++;
        admission.awaitUninterruptibly();
        waitingHandles--;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a handle could join now. No waiting, not for the lock either. */
  boolean admits(int credits) {
    if (abort != null || !lock.tryLock()) {
      return false;
    }
    try {
      Transaction transaction = running;
      return transaction == null ? committer.hasRoomFor(credits, 0) : canTake(transaction, credits);
    } finally {
      lock.unlock();
    }
  }

  /** Reserves more blocks for an open handle. @return false if that would have to wait */
  boolean extend(Transaction transaction, int credits) {
    lock.lock();
    try {
      boolean can = canTake(transaction, credits);
      transaction.reservedBlocks += can ? credits : 0;
      return can;
    } finally {
      lock.unlock();
    }
  }

  void revoke(Transaction transaction, long blockNr) {
    lock.lock();
    try {
      transaction.revoked.add(blockNr);
    } finally {
      lock.unlock();
    }
  }

  void atCommit(Transaction transaction, Runnable action) {
    lock.lock();
    try {
      transaction.atCommit.add(action);
    } finally {
      lock.unlock();
    }
  }

  void afterCommit(Transaction transaction, Runnable action) {
    lock.lock();
    try {
      transaction.afterCommit.add(action);
    } finally {
      lock.unlock();
    }
  }

  /** A handle has ended and gives back what it did not need. */
  void end(Transaction transaction, int unusedCredits) {
    lock.lock();
    try {
      transaction.reservedBlocks -= unusedCredits;
      if (--transaction.handles == 0 && transaction.state() == Transaction.State.LOCKED) {
        handlesEnd.signal();
      }
      if (waitingHandles > 0) {
        admission.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a transaction is durable.
   *
   * @return whether data written before this call is durable with it
   */
  boolean await(long id) throws ReadOnlyVolumeException {
    lock.lock();
    try {
      boolean coversData = durability.coversData(id);
      if (!isDurable(id)) {
        gather(id);
        request(id);
      }
      durability.await(id);
      requireNoAbort();
      return coversData;
    } finally {
      lock.unlock();
    }
  }

  /** Whether no change is left to be made durable, by whoever is at it. */
  boolean isClean() {
    lock.lock();
    try {
      Transaction transaction = running;
      return isDurable(newestId())
          || (transaction != null && transaction.isEmpty() && isDurable(transaction.id - 1));
    } finally {
      lock.unlock();
    }
  }

  JournalStats stats() {
    lock.lock();
    try {
      return committer.stats(handlesStarted);
    } finally {
      lock.unlock();
    }
  }

  boolean isAborted() {
    lock.lock();
    try {
      return abort != null;
    } finally {
      lock.unlock();
    }
  }

  void requireNoAbort() throws ReadOnlyVolumeException {
    lock.lock();
    try {
      IOException failure = abort;
      if (failure != null) {
        throw ReadOnlyVolumeException.after(volume, failure);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the actions behind commits. @return whether they changed anything */
  boolean awaitActions() {
    lock.lock();
    try {
      actions.await();
      return abort == null && !isDurable(newestId());
    } finally {
      lock.unlock();
    }
  }

  /** Refuses further handles; the commit thread writes what is left and ends. */
  void stop() {
    lock.lock();
    try {
      work.stop();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Parks until there is something to do. For the commit thread, like all that follows.
   *
   * @throws IOException why somebody else aborted
   */
  CommitWork.Next awaitWork() throws IOException, InterruptedException {
    lock.lock();
    try {
      return work.await(this::runningUnlessAborted);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Transaction runningUnlessAborted() throws IOException {
    IOException failure = abort;
    if (failure != null) {
      throw failure;
    }
    return running;
  }

  /** Ends the running transaction, and copies its blocks when its handles have ended. */
  Committer.Frozen freeze() throws IOException {
    lock.lock();
    try {
      Transaction transaction = running;
      if (transaction == null) {
        throw new IllegalStateException("no transaction to commit");
      }
      transaction.advance(Transaction.State.LOCKED);
      while (transaction.handles > 0) {
        handlesEnd.awaitUninterruptibly();
      }
      Committer.Frozen frozen = committer.freeze(transaction);
      transaction.advance(Transaction.State.LOG);
      running = null;
      durability.freeze();
      admission.signalAll();
      return frozen;
    } finally {
      lock.unlock();
    }
  }

  /** The flush before a transaction's commit block is about to begin. */
  void flushing(Transaction transaction) {
    lock.lock();
    try {
      transaction.advance(Transaction.State.COMMIT);
      durability.flushing(transaction.id);
    } finally {
      lock.unlock();
    }
  }

  /** A transaction is durable. @return what is to be done now, followed by {@link #acted} */
  List<Runnable> finished(Transaction transaction) {
    lock.lock();
    try {
      transaction.advance(Transaction.State.FINISHED);
      durability.reached(transaction.id);
      actions.begin(transaction.afterCommit);
      return transaction.afterCommit;
    } finally {
      lock.unlock();
    }
  }

  /** The actions behind one commit have ended. */
  void acted() {
    lock.lock();
    try {
      actions.end();
    } finally {
      lock.unlock();
    }
  }

  /** The log has more room than before. */
  void roomMade() {
    lock.lock();
    try {
      work.roomMade();
      admission.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing becomes durable any more; the commit thread is told, unless it is the one. */
  void abort(IOException failure) {
    lock.lock();
    try {
      if (abort == null) {
        abort = failure;
      }
      admission.signalAll();
      durability.lose();
      work.wake();
    } finally {
      lock.unlock();
    }
  }

  private boolean canTake(Transaction transaction, int credits) {
    return transaction.state() == Transaction.State.RUNNING
        && fits(transaction, credits)
        && logHasRoom(transaction, credits);
  }

  /** Whether a transaction may become so much larger. */
  private boolean fits(Transaction transaction, int credits) {
    return committer.fitsTransaction(
        transaction.reservedBlocks + credits, transaction.revoked.size());
  }

  private boolean logHasRoom(Transaction transaction, int credits) {
    return committer.hasRoomFor(transaction.reservedBlocks + credits, transaction.revoked.size());
  }

  private Transaction begin() {
    Transaction begun = new Transaction(durability.begin(), System.nanoTime());
    running = begun;
    // Its time runs from now on.
    work.wake();
    return begun;
  }

  private LoggedHandle join(Transaction transaction, int credits) {
    transaction.reservedBlocks += credits;
    transaction.handles++;
    handlesStarted++;
    return new LoggedHandle(this, transaction, credits);
  }

  /** One more waits for the running transaction. */
  private void gather(long id) {
    Transaction transaction = running;
    boolean joins =
        transaction != null
            && transaction.id == id
            && transaction.state() == Transaction.State.RUNNING;
    if (joins && durability.join()) {
      work.wake();
    }
  }

  private void request(long id) {
    if (durability.want(id)) {
      work.wake();
    }
  }

  private void requireRunning() throws ReadOnlyVolumeException {
    requireNoAbort();
    if (work.isStopping()) {
      throw new ReadOnlyVolumeException(volume + " is closed");
    }
  }
}
