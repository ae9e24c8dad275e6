package dev.dioring.ext4lite.journal;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
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
  private final SharedFlush flush;
  private final Committer committer;
  private final long intervalNanos;
  private final Thread thread;

  /** Guards the transactions and the log's space; held for short, but for the copies' sake. */
  private final ReentrantLock lock = new ReentrantLock();

  /** A transaction has moved on, or the log has room. */
  private final Condition progress = lock.newCondition();

  /** There may be something to do for the commit thread. */
  private final Condition work = lock.newCondition();

  // Guarded by the lock.
  private @Nullable Transaction running;
  private long lastId;
  private long wantedId;
  private long finishedId;
  private final Gathering gathering = new Gathering();
  private boolean spaceWanted;
  private boolean stopping;
  private int freeing;
  private @Nullable IOException abort;

  /**
   * Starts the journal of a volume, whose log recovery has left empty.
   *
   * @param volume name for threads and messages
   * @param intervalNanos how long a change stays in memory at most
   * @throws BlockIoException if the journal's superblock cannot be read
   */
  public LoggedJournal(
      String volume,
      BlockIo io,
      JournalMap map,
      int blockSizeBytes,
      long intervalNanos,
      Clock clock)
      throws BlockIoException {
    this.volume = volume;
    flush = new SharedFlush(io);
    this.intervalNanos = intervalNanos;
    committer = new Committer(io, map, blockSizeBytes, clock, lock);
    thread = Thread.ofVirtual().name("commit/" + volume).unstarted(this::run);
    thread.start();
  }

  @Override
  public Handle start(int credits) throws ReadOnlyVolumeException {
    lock.lock();
    try {
      while (true) {
        requireRunning();
        Transaction transaction = running;
        int reserved = transaction == null ? 0 : transaction.reservedBlocks;
        if (transaction != null && transaction.state() != Transaction.State.RUNNING) {
          progress.awaitUninterruptibly();
        } else if (reserved + credits > committer.transactionBlocksMax()) {
          if (transaction == null || reserved == 0) {
            throw new IllegalArgumentException(
                "a change of "
                    + credits
                    + " blocks on a journal whose transactions have at most "
                    + committer.transactionBlocksMax());
          }
          request(transaction.id);
          progress.awaitUninterruptibly();
        } else if (!committer.hasRoomFor(reserved + credits)) {
          spaceWanted = true;
          work.signal();
          progress.awaitUninterruptibly();
        } else {
          return join(transaction, credits);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void commit() throws IOException {
    commit(Long.MAX_VALUE);
  }

  @Override
  public void commit(long transaction) throws IOException {
    boolean covered;
    long id;
    lock.lock();
    try {
      id = Math.min(transaction, lastId);
      // One that is being written may have flushed before the caller's last data was written.
      covered = running != null && running.id == id;
    } finally {
      lock.unlock();
    }
    await(id);
    if (!covered) {
      flush.flush();
    }
  }

  @Override
  public void settle() throws IOException {
    commit();
    boolean unused = awaitFreeing();
  }

  @Override
  public boolean isAtomic() {
    return true;
  }

  @Override
  public boolean isClean() {
    lock.lock();
    try {
      Transaction transaction = running;
      return finishedId == lastId || (transaction != null && transaction.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int abortErrno() {
    lock.lock();
    try {
      return abort == null ? 0 : Errno.EROFS;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      // A commit may free blocks, which is a change again.
      do {
        commit();
      } while (awaitFreeing());
    } finally {
      lock.lock();
      try {
        stopping = true;
        work.signal();
      } finally {
        lock.unlock();
      }
      Joining.join(thread);
      committer.close();
    }
    requireNoAbort();
  }

  private Handle join(@Nullable Transaction transaction, int credits) {
    Transaction joined = transaction;
    if (joined == null) {
      joined = new Transaction(++lastId, System.nanoTime());
      running = joined;
      work.signal();
    }
    joined.reservedBlocks += credits;
    joined.handles++;
    return new LoggedHandle(joined, credits);
  }

  private void request(long id) {
    if (id > wantedId) {
      wantedId = id;
      work.signal();
    }
  }

  /** Asks for the commit of a transaction that the caller is going to wait for. */
  private void join(long id) {
    Transaction transaction = running;
    boolean joins =
        transaction != null
            && transaction.id == id
            && transaction.state() == Transaction.State.RUNNING;
    if (joins && gathering.joined(System.nanoTime())) {
      work.signal();
    }
    request(id);
  }

  private void await(long id) throws IOException {
    lock.lock();
    try {
      if (finishedId < id) {
        join(id);
      }
      while (finishedId < id && abort == null) {
        progress.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    requireNoAbort();
  }

  /** Waits for what commits have to free. @return whether that changed anything */
  private boolean awaitFreeing() {
    lock.lock();
    try {
      while (freeing > 0) {
        progress.awaitUninterruptibly();
      }
      return abort == null && finishedId < lastId;
    } finally {
      lock.unlock();
    }
  }

  private void requireRunning() throws ReadOnlyVolumeException {
    IOException failure = abort;
    if (failure != null) {
      throw new ReadOnlyVolumeException(
          volume + " is read-only after an error: " + failure.getMessage());
    }
    if (stopping) {
      throw new ReadOnlyVolumeException(volume + " is closed");
    }
  }

  private void requireNoAbort() throws ReadOnlyVolumeException {
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

  /** The commit thread. */
  private void run() {
    try {
      while (true) {
        Transaction due = awaitWork();
        if (due != null) {
          commit(due);
        } else if (isStopping()) {
          committer.empty();
          return;
        } else {
          committer.makeRoom();
          roomMade();
        }
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      abort(e);
    }
  }

  /** Parks until a transaction is due, which is returned, or until the log wants emptying. */
  private @Nullable Transaction awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        Transaction transaction = running;
        if (transaction != null && (transaction.id <= wantedId || stopping)) {
          long rest = stopping ? 0 : gathering.restNanos(System.nanoTime());
          if (rest <= 0) {
            return transaction;
          }
          long unused = work.awaitNanos(rest);
          continue;
        }
        if (stopping || spaceWanted || committer.isFilling()) {
          return null;
        }
        if (transaction == null) {
          work.awaitUninterruptibly();
          continue;
        }
        long rest = transaction.startNanos + intervalNanos - System.nanoTime();
        if (rest <= 0) {
          return transaction;
        }
        long unused = work.awaitNanos(rest);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void commit(Transaction transaction) throws IOException {
    Committer.Frozen frozen;
    int served;
    lock.lock();
    try {
      transaction.advance(Transaction.State.LOCKED);
      while (transaction.handles > 0) {
        progress.awaitUninterruptibly();
      }
      transaction.advance(Transaction.State.COMMIT);
      frozen = committer.freeze(transaction);
      running = null;
      served = gathering.begin(System.nanoTime());
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    committer.commit(frozen);
    lock.lock();
    try {
      gathering.end(System.nanoTime(), served);
      transaction.advance(Transaction.State.FINISHED);
      finishedId = transaction.id;
      if (!transaction.afterCommit.isEmpty()) {
        free(transaction.afterCommit);
      }
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Freeing starts handles, and those may have to wait for the commit thread. */
  private void free(List<Runnable> actions) {
    freeing++;
    Thread unused =
        Thread.ofVirtual()
            .name("free/" + volume)
            .start(() -> {
              try {
                actions.forEach(Runnable::run);
              } finally {
                freed();
              }
            });
  }

  private void freed() {
    lock.lock();
    try {
      freeing--;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void roomMade() {
    lock.lock();
    try {
      spaceWanted = false;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void abort(Throwable e) {
    IOException failure = e instanceof IOException known ? known : new IOException(e.toString(), e);
    LOG.error("{}: the journal is aborted, now read-only: {}", volume, failure.getMessage());
    lock.lock();
    try {
      abort = failure;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    committer.recordError(Errno.EIO);
  }

  private final class LoggedHandle implements Handle {
    private final Transaction transaction;
    private final int credits;
    private int changed;
    private boolean open = true;

    LoggedHandle(Transaction transaction, int credits) {
      this.transaction = transaction;
      this.credits = credits;
    }

    @Override
    public void access(MetadataBuffer buffer) {
      assert open : "a change outside of its handle";
    }

    @Override
    public void dirty(MetadataBuffer buffer) {
      assert open : "a change outside of its handle";
      if (buffer.markDirty(transaction.id)) {
        transaction.dirty.add(buffer.pin());
        changed++;
      }
    }

    @Override
    public void revoke(long blockNr) {
      lock.lock();
      try {
        transaction.revoked.add(blockNr);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void afterCommit(Runnable action) {
      lock.lock();
      try {
        transaction.afterCommit.add(action);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        assert open : "a handle is closed twice";
        open = false;
        transaction.reservedBlocks += changed - credits;
        if (--transaction.handles == 0 || credits > changed) {
          progress.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
