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
  private final long intervalNanos;
  private final Condition admission;
  private final Condition durability;
  private final Condition work;
  private final Condition handlesEnd;
  private final Condition actionsEnd;

  // Guarded by the lock.
  private @Nullable Transaction running;
  private long wantedId;
  private final Gathering gathering = new Gathering();
  private int served;
  private int waitingHandles;
  private boolean roomWanted;
  private boolean stopping;
  private int actions;
  private long handlesStarted;
  private @Nullable IOException abort;

  /** The last transaction before whose commit block the device was, or is being, flushed. */
  private long flushedId;

  /** Written under the lock, read anywhere. */
  private volatile long newestId;

  private volatile long durableId;

  /**
   * Makes the state of an idle journal.
   *
   * @param lock the journal's, which guards the committer's log space too
   */
  Transactions(String volume, ReentrantLock lock, Committer committer, long intervalNanos) {
    this.volume = volume;
    this.lock = lock;
    this.committer = committer;
    this.intervalNanos = intervalNanos;
    admission = lock.newCondition();
    durability = lock.newCondition();
    work = lock.newCondition();
    handlesEnd = lock.newCondition();
    actionsEnd = lock.newCondition();
  }

  long newestId() {
    return newestId;
  }

  boolean isDurable(long id) {
    return id <= durableId;
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
          wantRoom();
        } else if (transaction.state() == Transaction.State.RUNNING) {
          int reserved = transaction.reservedBlocks + credits;
          if (!committer.fitsTransaction(reserved, transaction.revoked.size())) {
            request(transaction.id);
          } else if (committer.hasRoomFor(reserved, transaction.revoked.size())) {
            return join(transaction, credits);
          } else {
            wantRoom();
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
      if (transaction == null) {
        return committer.hasRoomFor(credits, 0);
      }
      int reserved = transaction.reservedBlocks + credits;
      int revokes = transaction.revoked.size();
      return transaction.state() == Transaction.State.RUNNING
          && committer.fitsTransaction(reserved, revokes)
          && committer.hasRoomFor(reserved, revokes);
    } finally {
      lock.unlock();
    }
  }

  /** Reserves more blocks for an open handle. @return false if that would have to wait */
  boolean extend(Transaction transaction, int credits) {
    lock.lock();
    try {
      int reserved = transaction.reservedBlocks + credits;
      int revokes = transaction.revoked.size();
      if (transaction.state() != Transaction.State.RUNNING
          || !committer.fitsTransaction(reserved, revokes)
          || !committer.hasRoomFor(reserved, revokes)) {
        return false;
      }
      transaction.reservedBlocks = reserved;
      return true;
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
      boolean coversData = id > flushedId;
      if (durableId < id) {
        gather(id);
        request(id);
      }
      while (durableId < id && abort == null) {
        durability.awaitUninterruptibly();
      }
      requireNoAbort();
      return coversData;
    } finally {
      lock.unlock();
    }
  }

  boolean isClean() {
    lock.lock();
    try {
      Transaction transaction = running;
      return durableId == newestId || (transaction != null && transaction.isEmpty());
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
        throw new ReadOnlyVolumeException(
            volume + " is read-only after an error: " + failure.getMessage());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the actions behind commits. @return whether they changed anything */
  boolean awaitActions() {
    lock.lock();
    try {
      while (actions > 0) {
        actionsEnd.awaitUninterruptibly();
      }
      return abort == null && durableId < newestId;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses further handles; the commit thread writes what is left and ends. */
  void stop() {
    lock.lock();
    try {
      stopping = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** What the commit thread should do next. */
  enum Work {
    COMMIT,
    MAKE_ROOM,
    STOP
  }

  /**
   * Parks until there is something to do. For the commit thread, like all that follows.
   *
   * @throws IOException why somebody else aborted
   */
  Work awaitWork() throws IOException, InterruptedException {
    lock.lock();
    try {
      while (true) {
        IOException failure = abort;
        if (failure != null) {
          throw failure;
        }
        Transaction transaction = running;
        long restNanos = Long.MAX_VALUE;
        if (transaction != null) {
          restNanos = transaction.startNanos + intervalNanos - System.nanoTime();
          // With everything in its place, only the running transaction can be what fills the log.
          boolean fills = roomWanted && !committer.canMakeRoom();
          if (stopping || fills || restNanos <= 0) {
            return Work.COMMIT;
          }
          if (transaction.id <= wantedId) {
            long gatherNanos = gathering.restNanos(System.nanoTime());
            if (gatherNanos <= 0) {
              return Work.COMMIT;
            }
            long unused = work.awaitNanos(gatherNanos);
            continue;
          }
        }
        if (stopping) {
          return Work.STOP;
        }
        if (committer.canMakeRoom() && (roomWanted || committer.isFilling())) {
          return Work.MAKE_ROOM;
        }
        if (transaction == null) {
          work.awaitUninterruptibly();
        } else {
          long unused = work.awaitNanos(restNanos);
        }
      }
    } finally {
      lock.unlock();
    }
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
      served = gathering.begin(System.nanoTime());
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
      flushedId = transaction.id;
    } finally {
      lock.unlock();
    }
  }

  /** A transaction is durable. @return what is to be done now, followed by {@link #acted} */
  List<Runnable> finished(Transaction transaction) {
    lock.lock();
    try {
      transaction.advance(Transaction.State.FINISHED);
      durableId = transaction.id;
      gathering.end(System.nanoTime(), served);
      durability.signalAll();
      actions += transaction.afterCommit.isEmpty() ? 0 : 1;
      return transaction.afterCommit;
    } finally {
      lock.unlock();
    }
  }

  /** The actions behind one commit have ended. */
  void acted() {
    lock.lock();
    try {
      actions--;
      actionsEnd.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The log has more room than before. */
  void roomMade() {
    lock.lock();
    try {
      roomWanted = false;
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
      durability.signalAll();
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private Transaction begin() {
    Transaction begun = new Transaction(newestId + 1, System.nanoTime());
    newestId = begun.id;
    running = begun;
    // Its time runs from now on.
    work.signal();
    return begun;
  }

  private LoggedHandle join(Transaction transaction, int credits) {
    transaction.reservedBlocks += credits;
    transaction.handles++;
    handlesStarted++;
    return new LoggedHandle(this, transaction, credits);
  }

  private void wantRoom() {
    roomWanted = true;
    work.signal();
  }

  /** One more waits for the running transaction. */
  private void gather(long id) {
    Transaction transaction = running;
    boolean joins =
        transaction != null
            && transaction.id == id
            && transaction.state() == Transaction.State.RUNNING;
    if (joins && gathering.joined(System.nanoTime())) {
      work.signal();
    }
  }

  private void request(long id) {
    if (id > wantedId) {
      wantedId = id;
      work.signal();
    }
  }

  private void requireRunning() throws ReadOnlyVolumeException {
    requireNoAbort();
    if (stopping) {
      throw new ReadOnlyVolumeException(volume + " is closed");
    }
  }
}
