package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.threads.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which inodes are in memory, and how long. Those that operations, open files or delayed writes
 * refer to stay. What the front has looked up is only counted: when nobody works with such an inode
 * it stays for a while, and leaves when others take its place, to be read again. One without a name
 * or on the list of orphans stays until nobody knows it any more; without a name it goes then for
 * good.
 */
final class ResidentInodes {
  private static final Logger LOG = LoggerFactory.getLogger(ResidentInodes.class);

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

  /** Guards the fields below and the references; not held while anything waits. */
  private final ReentrantLock lock = new ReentrantLock();

  private final LiveInodes inodes = new LiveInodes();
  private final LookupCounts lookups;

  /** Those that may leave at once. */
  private final IdleInodes settled = new IdleInodes();

  /** Those that leave when their times are stored. */
  private final IdleInodes unsettled = new IdleInodes();

  /** Whether a thread makes {@link #unsettled} shorter. */
  private boolean evictorRuns;

  private boolean closing;
  private final Condition evictorEnds = lock.newCondition();

  /**
   * Makes it empty.
   *
   * @param volume for names of threads and messages
   * @param inodesCount numbers there are, from 1 on
   * @param idleMax how many stay that nobody works with; twice as many while times are stored
   */
  ResidentInodes(String volume, InodeEviction eviction, long inodesCount, int idleMax) {
    this.volume = volume;
    this.eviction = eviction;
    this.idleMax = idleMax;
    lookups = new LookupCounts(inodesCount);
  }

  /** Guards the references of all inodes, and {@link LiveInode#file()} while that is made. */
  ReentrantLock lock() {
    return lock;
  }

  /**
   * The inode of a number, referred to, or null if it is not in memory.
   *
   * @throws Ext4Exception ENOENT if it is just being deleted
   */
  @Nullable LiveInode use(long inodeNr) throws Ext4Exception {
    lock.lock();
    try {
      LiveInode live = inodes.find(inodeNr);
      if (live != null) {
        use(live);
      }
      return live;
    } finally {
      lock.unlock();
    }
  }

  private static void use(LiveInode live) throws Ext4Exception {
    if (live.isEvicting()) {
      throw new Ext4Exception("inode " + live.inodeNr(), Errno.ENOENT, "it is being deleted");
    }
    IdleInodes.remove(live);
    live.refer();
  }

  /**
   * Adds an inode that was read, unless it has come into memory meanwhile; that one's buffer is
   * closed then.
   *
   * @param generation what its generation was before it was checked
   * @return the one in memory, referred to, or null if it was deleted since it was read: by number
   *     alone it must not come to life again
   */
  @Nullable LiveInode admit(LiveInode read, int generation) throws Ext4Exception {
    lock.lock();
    try {
      LiveInode present = inodes.find(read.inodeNr());
      boolean deleted = read.inode().linksCount() == 0 || read.inode().generation() != generation;
      if (present == null && !deleted) {
        inodes.add(read);
        read.refer();
        return read;
      }
      read.block().buffer().close();
      if (present != null) {
        use(present);
      }
      return present;
    } finally {
      lock.unlock();
    }
  }

  /** Adds an inode that was just allocated, as {@link #admit} does. */
  LiveInode add(LiveInode made) throws Ext4Exception {
    lock.lock();
    try {
      LiveInode present = inodes.find(made.inodeNr());
      if (present == null) {
        inodes.add(made);
        made.refer();
        return made;
      }
      made.block().buffer().close();
      use(present);
      return present;
    } finally {
      lock.unlock();
    }
  }

  /** Refers once more to an inode that the caller refers to. */
  void refer(LiveInode live) {
    lock.lock();
    try {
      live.refer();
    } finally {
      lock.unlock();
    }
  }

  /** The front has looked up an inode, which the caller refers to. */
  void lookedUp(LiveInode live) {
    lock.lock();
    try {
      lookups.increment(live.inodeNr());
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #lookedUp}, and the caller's reference ends. */
  void handOver(LiveInode live) {
    lock.lock();
    try {
      lookups.increment(live.inodeNr());
      boolean last = live.unrefer() == 0;
      // What was looked up needs no eviction.
      boolean unused = last && rest(live);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The front forgets look-ups; those beyond what there are do not count. With the last one an
   * inode that nobody works with leaves.
   */
  void forget(long inodeNr, long count) throws IOException {
    LiveInode live;
    lock.lock();
    try {
      if (lookups.drop(inodeNr, count) > 0) {
        return;
      }
      live = inodes.find(inodeNr);
      if (live == null || live.references() > 0 || live.isEvicting()) {
        return;
      }
      IdleInodes.remove(live);
      if (!rest(live)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    evict(live);
  }

  /** Drops a reference. With the last one an inode leaves that the front does not know. */
  void release(LiveInode live) throws IOException {
    lock.lock();
    try {
      if (live.unrefer() > 0 || live.isEvicting() || !rest(live)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    // Whoever gives up an attempt to look has to let go of what it looked at all the same.
    boolean forbidden = Waiting.forbid(false);
    try {
      evict(live);
    } finally {
      Waiting.forbid(forbidden);
    }
  }

  /** Whether an inode has no name, and the caller alone knows it. */
  boolean isLastReference(LiveInode live) {
    lock.lock();
    try {
      return live.references() == 1
          && lookups.get(live.inodeNr()) == 0
          && live.inode().linksCount() == 0;
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  int count() {
    lock.lock();
    try {
      return inodes.count();
    } finally {
      lock.unlock();
    }
  }

  /** How many the front has looked up. */
  long lookedUp() {
    lock.lock();
    try {
      return lookups.inodes();
    } finally {
      lock.unlock();
    }
  }

  List<LiveInode> all() {
    lock.lock();
    try {
      return inodes.all();
    } finally {
      lock.unlock();
    }
  }

  /** An inode is being deleted, and its number not free yet. Its buffer stays pinned. */
  void forgetDeleted(LiveInode live) {
    lock.lock();
    try {
      boolean unused = inodes.remove(live);
    } finally {
      lock.unlock();
    }
  }

  /** An inode that was made is not used; its number is not free yet. */
  void discard(LiveInode made) {
    lock.lock();
    try {
      remove(made);
    } finally {
      lock.unlock();
    }
  }

  /** Lets all leave, in use or not. */
  void evictAll() throws IOException {
    lock.lock();
    try {
      closing = true;
      while (evictorRuns) {
        evictorEnds.awaitUninterruptibly();
      }
      lookups.clear();
    } finally {
      lock.unlock();
    }
    for (LiveInode live : all()) {
      lock.lock();
      try {
        if (live.isEvicting()) {
          continue;
        }
        IdleInodes.remove(live);
        live.dropReferences();
        live.refer();
      } finally {
        lock.unlock();
      }
      evict(live);
    }
  }

  private void remove(LiveInode live) {
    if (inodes.remove(live)) {
      live.block().buffer().close();
    }
  }

  /**
   * Nobody refers to an inode any more. Under the lock; no waiting.
   *
   * @return whether the caller has to evict it, and refers to it for that
   */
  private boolean rest(LiveInode live) {
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
  private void evict(LiveInode live) throws IOException {
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
