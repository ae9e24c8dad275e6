package dev.dioring.ext4lite.journal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How far transactions, which are counted from 1, have come: which is the newest, which is durable,
 * and who waits for that. Guarded by the journal's lock, but for what is read anywhere.
 */
final class Durability {
  private final Condition changed;
  private final Gathering gathering = new Gathering();
  private int served;

  /** The last transaction that somebody waits for. */
  private long wantedId;

  /** The last transaction before whose commit block the device was, or is being, flushed. */
  private long flushedId;

  private boolean lost;

  /** Written under the lock, read anywhere. */
  private volatile long newestId;

  private volatile long durableId;

  Durability(ReentrantLock lock) {
    changed = lock.newCondition();
  }

  /** Of the transaction that was begun last. Without the lock too. */
  long newestId() {
    return newestId;
  }

  /** Without the lock too. */
  boolean isDurable(long id) {
    return id <= durableId;
  }

  /** Whether data that is written by now is flushed with a transaction. */
  boolean coversData(long id) {
    return id > flushedId;
  }

  /** A transaction begins. @return its number */
  long begin() {
    long id = newestId + 1;
    newestId = id;
    return id;
  }

  /** Has a transaction committed soon. @return whether nobody had asked for it */
  boolean want(long id) {
    boolean isNew = id > wantedId;
    if (isNew) {
      wantedId = id;
    }
    return isNew;
  }

  /** One more waits for the running transaction. @return whether nobody else is expected */
  boolean join() {
    return gathering.joined(System.nanoTime());
  }

  /** Whether somebody waits for a transaction. */
  boolean isWanted(long id) {
    return id <= wantedId;
  }

  /** How long to put a commit off that is wanted, so that others may join; 0 or less to begin. */
  long gatheringNanos(long now) {
    return gathering.restNanos(now);
  }

  /** Nobody can join the commit any more. */
  void freeze() {
    served = gathering.begin(System.nanoTime());
  }

  /** The flush before a transaction's commit block is about to begin. */
  void flushing(long id) {
    flushedId = id;
  }

  /** A transaction is durable. */
  void reached(long id) {
    durableId = id;
    gathering.end(System.nanoTime(), served);
    changed.signalAll();
  }

  /** Parks until a transaction is durable, or never will be. */
  void await(long id) {
    while (!isDurable(id) && !lost) {
      changed.awaitUninterruptibly();
    }
  }

  /** Nothing becomes durable any more. */
  void lose() {
    lost = true;
    changed.signalAll();
  }
}
