package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.threads.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which inodes are in memory, and how long. Those that operations, open files or delayed writes
 * refer to stay. What the front has looked up is only counted: when nobody works with such an inode
 * it stays for a while, and leaves when others take its place, to be read again. One without a name
 * or on the list of orphans stays until nobody knows it any more; without a name it goes then for
 * good.
 */
final class ResidentInodes {
  /** Guards the fields below and the references; not held while anything waits. */
  private final ReentrantLock lock = new ReentrantLock();

  private final LiveInodes inodes = new LiveInodes();
  private final LookupCounts lookups;

  private final InodeDepartures departures;

  /**
   * Makes it empty.
   *
   * @param volume for names of threads and messages
   * @param inodesCount numbers there are, from 1 on
   * @param idleMax how many stay that nobody works with; twice as many while times are stored
   */
  ResidentInodes(String volume, InodeEviction eviction, long inodesCount, int idleMax) {
    lookups = new LookupCounts(inodesCount);
    departures = new InodeDepartures(volume, eviction, idleMax, lock, inodes, lookups);
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

  /** Refers to an inode, unless it has left or is being deleted. */
  boolean tryUse(LiveInode live) {
    lock.lock();
    try {
      if (inodes.find(live.inodeNr()) != live || live.isEvicting()) {
        return false;
      }
      IdleInodes.remove(live);
      live.refer();
      return true;
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
      boolean unused = last && departures.rest(live);
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
      if (!departures.rest(live)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    departures.evict(live);
  }

  /** Drops a reference. With the last one an inode leaves that the front does not know. */
  void release(LiveInode live) throws IOException {
    lock.lock();
    try {
      if (live.unrefer() > 0 || live.isEvicting() || !departures.rest(live)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    // Whoever gives up an attempt to look has to let go of what it looked at all the same.
    boolean forbidden = Waiting.forbid(false);
    try {
      departures.evict(live);
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
      departures.remove(made);
    } finally {
      lock.unlock();
    }
  }

  /** Lets all leave, in use or not, whatever fails. */
  void evictAll() throws IOException {
    lock.lock();
    try {
      departures.close();
      lookups.clear();
    } finally {
      lock.unlock();
    }
    IOException failure = null;
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
      try {
        departures.evict(live);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
