package dev.dioring.ext4lite.journal;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What the commit thread has to do, and its sleep until then. Guarded by the journal's lock. */
final class CommitWork {
  /** What is to be done next. */
  enum Next {
    COMMIT,
    MAKE_ROOM,
    STOP
  }

  private final Committer committer;
  private final Durability durability;
  private final long intervalNanos;
  private final Condition changed;
  private boolean roomWanted;
  private boolean stopping;

  CommitWork(ReentrantLock lock, Committer committer, Durability durability, long intervalNanos) {
    this.committer = committer;
    this.durability = durability;
    this.intervalNanos = intervalNanos;
    changed = lock.newCondition();
  }

  boolean isStopping() {
    return stopping;
  }

  /** What is left is to be written, and that is all. */
  void stop() {
    stopping = true;
    wake();
  }

  /** Somebody waits for room in the log. */
  void wantRoom() {
    roomWanted = true;
    wake();
  }

  void roomMade() {
    roomWanted = false;
  }

  /** Lets the thread see what has changed. */
  void wake() {
    changed.signal();
  }

  /** The transaction that handles join, null if there is none. */
  @FunctionalInterface
  interface Running {
    @Nullable Transaction get() throws IOException;
  }

  /**
   * Parks until there is something to do.
   *
   * @throws IOException of {@code running}
   */
  Next await(Running running) throws IOException, InterruptedException {
    while (true) {
      Transaction transaction = running.get();
      Next next = transaction == null ? next() : next(transaction);
      if (next != null) {
        return next;
      }
      if (transaction == null) {
        changed.awaitUninterruptibly();
      } else {
        long unused = changed.awaitNanos(restNanos(transaction));
      }
    }
  }

  private @Nullable Next next() {
    return stopping ? Next.STOP : nextForRoom();
  }

  private @Nullable Next next(Transaction running) {
    // With everything in its place, only the running transaction can be what fills the log.
    boolean fills = roomWanted && !committer.canMakeRoom();
    if (stopping || fills || restNanos(running) <= 0) {
      return Next.COMMIT;
    }
    return durability.isWanted(running.id) ? null : nextForRoom();
  }

  private @Nullable Next nextForRoom() {
    return committer.canMakeRoom() && (roomWanted || committer.isFilling()) ? Next.MAKE_ROOM : null;
  }

  /** How long the transaction may still run, if nothing else happens. */
  private long restNanos(Transaction running) {
    long now = System.nanoTime();
    long restNanos = running.startNanos + intervalNanos - now;
    return durability.isWanted(running.id)
        ? Math.min(restNanos, durability.gatheringNanos(now))
        : restNanos;
  }
}
