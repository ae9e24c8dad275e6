package dev.dioring.ext4lite.fs;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How inodes leave memory that nobody works with. One that the front knows rests, and leaves when
 * others take its place: at once if its times are stored, else by a thread that stores them.
 */
final class InodeDepartures {
  private static final Logger LOG = LoggerFactory.getLogger(InodeDepartures.class);

  /** What became of an inode that was to leave. */
  private enum Outcome {
    /** It was used meanwhile, and the evictor refers to it still. */
    AGAIN,
    /** It has left, or stays for others. */
    DONE,
    /** Nobody can find it any more, and the evictor has to delete it. */
    DELETE
  }

  private final String volume;
  private final InodeEviction eviction;
  private final int idleMax;

  /** Guards all that follows and the references of inodes; not held while anything waits. */
  private final ReentrantLock lock;

  private final LiveInodes inodes;
  private final LookupCounts lookups;

  /** Those that may leave at once. */
  private final IdleInodes settled = new IdleInodes();

  /** Those that leave when their times are stored. */
  private final IdleInodes unsettled = new IdleInodes();

  /** Whether a thread makes {@link #unsettled} shorter. */
  private boolean evictorRuns;

  private boolean closing;
  private final Condition evictorEnds;

  /**
   * Lets inodes leave a table.
   *
   * @param volume for names of threads and messages
   * @param lock guards the other two
   * @param idleMax how many stay that nobody works with; twice as many while times are stored
   */
  InodeDepartures(
      String volume,
      InodeEviction eviction,
      int idleMax,
      ReentrantLock lock,
      LiveInodes inodes,
      LookupCounts lookups) {
    this.volume = volume;
    this.eviction = eviction;
    this.idleMax = idleMax;
    this.lock = lock;
    this.inodes = inodes;
    this.lookups = lookups;
    evictorEnds = lock.newCondition();
  }

  /**
   * From now on nothing leaves by itself. Waits for the thread that stores times. Under the lock.
   */
  void close() {
    closing = true;
    while (evictorRuns) {
      evictorEnds.awaitUninterruptibly();
    }
  }

  /** Takes an inode out of memory. Under the lock. */
  void remove(LiveInode live) {
    if (inodes.remove(live)) {
      live.block().buffer().close();
    }
  }

  /**
   * Nobody refers to an inode any more. Under the lock; no waiting.
   *
   * @return whether the caller has to evict it, and refers to it for that
   */
  boolean rest(LiveInode live) {
    boolean named = live.inode().linksCount() > 0;
    if (lookups.get(live.inodeNr()) == 0) {
      if (named && live.isSettled() && !live.isOrphan()) {
        remove(live);
        return false;
      }
      live.refer();
      return true;
    }
    if (!named || live.isOrphan() || live.hasFailure()) {
      return false;
    }
    if (live.isSettled()) {
      settled.add(live);
      LiveInode oldest = settled.count() > idleMax ? settled.first() : null;
      if (oldest != null) {
        IdleInodes.remove(oldest);
        remove(oldest);
      }
    } else {
      unsettled.add(live);
      if (unsettled.count() > idleMax && !evictorRuns && !closing) {
        evictorRuns = true;
        Thread unused = Thread.ofVirtual().name("evict/" + volume).start(this::evictUnsettled);
      }
    }
    return false;
  }

  /** Half of them leave, so that this seldom begins. */
  private void evictUnsettled() {
    LiveInode oldest = nextUnsettled();
    while (oldest != null) {
      try {
        evict(oldest);
      } catch (IOException | RuntimeException e) {
        LOG.warn("inode {} of {}: {}", oldest.inodeNr(), volume, e.getMessage());
      }
      oldest = nextUnsettled();
    }
  }

  /** The next one to evict, referred to, or null if the evictor ends. */
  private @Nullable LiveInode nextUnsettled() {
    lock.lock();
    try {
      LiveInode oldest = closing ? null : unsettled.first();
      if (oldest == null || unsettled.count() <= idleMax / 2) {
        evictorRuns = false;
        evictorEnds.signalAll();
        return null;
      }
      IdleInodes.remove(oldest);
      oldest.refer();
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets an inode leave that the caller alone refers to, unless somebody uses it meanwhile. It
   * stays pinned while its times are stored; if it was used since, they are stored once more.
   */
  void evict(LiveInode live) throws IOException {
    Outcome outcome;
    do {
      int uses = uses(live);
      boolean done = false;
      try {
        eviction.settle(live);
        done = true;
      } finally {
        // Times that cannot be stored are lost.
        outcome = endEviction(live, uses, done);
      }
    } while (outcome == Outcome.AGAIN);
    if (outcome == Outcome.DELETE) {
      eviction.delete(live);
    }
  }

  private int uses(LiveInode live) {
    lock.lock();
    try {
      return live.uses();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the evictor's reference, unless it has to settle the inode again. */
  private Outcome endEviction(LiveInode live, int uses, boolean mayRepeat) {
    lock.lock();
    try {
      if (live.unrefer() > 0) {
        // Whoever uses it sees to it in the end.
        return Outcome.DONE;
      }
      if (live.uses() != uses && mayRepeat) {
        return rest(live) ? Outcome.AGAIN : Outcome.DONE;
      }
      boolean nameless = live.inode().linksCount() == 0;
      boolean known = lookups.get(live.inodeNr()) > 0;
      if (nameless && !known && eviction.deletes()) {
        live.evicting(true);
        return Outcome.DELETE;
      }
      boolean stays = live.isOrphan() || (nameless && known);
      if (closing || !stays) {
        remove(live);
      }
      return Outcome.DONE;
    } finally {
      lock.unlock();
    }
  }
}
