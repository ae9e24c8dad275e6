package dev.dioring.ext4lite.journal;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.threads.Uninterruptibly;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of metadata on an image without a journal. They gather in memory and are written by
 * epochs, in an order that leaves a consistent filesystem wherever it is cut, given that the write
 * of one block is atomic:
 *
 * <ol>
 *   <li>data that was written before the epoch is flushed;
 *   <li>allocation: bitmaps and group descriptors;
 *   <li>blocks that nothing refers to yet;
 *   <li>blocks changed in place, which may refer to the former;
 *   <li>among them last those that map content, which must not reach behind the end of its file.
 * </ol>
 *
 * A flush separates the steps. What was unlinked in an epoch is freed after it.
 */
public final class NoJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(NoJournal.class);
  private static final int PRESSURE_BLOCKS = 4096;

  private final String volume;
  private final BlockIo io;
  private final BlockWriter writer;
  private final Thread background;
  private final long intervalNanos;
  private final SharedFlush flushes;
  private final Consumer<IOException> onFailure;

  /** Read-locked by each open handle; write-locked while the epoch's snapshot is taken. */
  private final StampedLock handles = new StampedLock();

  /** Held by the thread that commits; rank below no other lock. */
  private final ReentrantLock committing = new ReentrantLock();

  /** Dirty blocks of the running epoch, each once. */
  private final ConcurrentLinkedQueue<MetadataBuffer> dirty = new ConcurrentLinkedQueue<>();

  private final ConcurrentLinkedQueue<Runnable> afterCommit = new ConcurrentLinkedQueue<>();
  private final AtomicInteger dirtyCount = new AtomicInteger();

  private final LongAdder commits = new LongAdder();
  private final LongAdder handlesStarted = new LongAdder();
  private final LongAdder blocksCommitted = new LongAdder();

  /** Number of the running epoch; changed while the handles are locked out. */
  private volatile long runningEpoch = 1;

  /**
   * The last epoch that is on disk, with all that had to follow: what it freed can be had. Changed
   * under the lock of those who commit.
   */
  private volatile long durableEpoch;

  /** The failure that turned the volume read-only. */
  private final AtomicReference<@Nullable IOException> abort = new AtomicReference<>();

  /** Tells the listener of what somebody else found; set once. */
  private volatile @Nullable Thread aborting;

  /** Ends the background thread; then, with all written, refuses further changes. */
  private volatile boolean stopping;

  private volatile boolean closed;

  /**
   * Starts background commits.
   *
   * @param volume name for threads and messages
   * @param io the volume's device
   * @param blockSizeBytes the filesystem's block size
   * @param intervalNanos how long a change stays in memory at most
   * @param onFailure told once why the volume has become read-only
   */
  public NoJournal(
      String volume,
      BlockIo io,
      int blockSizeBytes,
      long intervalNanos,
      Consumer<IOException> onFailure) {
    this.volume = volume;
    this.io = io;
    this.intervalNanos = intervalNanos;
    this.onFailure = onFailure;
    flushes = new SharedFlush(io);
    writer = new BlockWriter(io, blockSizeBytes);
    background = Thread.ofVirtual().name("commit/" + volume).unstarted(this::commitInBackground);
    background.start();
  }

  @Override
  public Handle start(int credits) throws ReadOnlyVolumeException {
    IOException failure = abort.get();
    if (failure != null) {
      throw ReadOnlyVolumeException.after(volume, failure);
    }
    if (closed) {
      throw new ReadOnlyVolumeException(volume + " is closed");
    }
    handlesStarted.increment();
    return new EpochHandle(handles.readLock());
  }

  @Override
  public long newestTransaction() {
    return runningEpoch;
  }

  @Override
  public boolean isDurable(long transaction) {
    return transaction <= durableEpoch;
  }

  @Override
  public void commit(long transaction) throws IOException {
    rethrowAbort();
    if (isDurable(transaction) || !commitUnlessDurable(transaction)) {
      // Another's commit was quicker, but may have flushed before the caller's data was written.
      flushes.flush();
    }
  }

  private boolean commitUnlessDurable(long transaction) throws IOException {
    committing.lock();
    try {
      rethrowAbort();
      if (isDurable(transaction)) {
        return false;
      }
      commitEpoch();
      return true;
    } finally {
      committing.unlock();
    }
  }

  private void commitEpoch() throws IOException {
    List<Runnable> freed = new ArrayList<>();
    long written;
    try {
      written = writeEpoch(freed);
    } catch (BlockIoException e) {
      LOG.error("{}: writing metadata failed, now read-only: {}", volume, e.getMessage());
      if (abort.compareAndSet(null, e)) {
        onFailure.accept(e);
      }
      throw e;
    }
    freed.forEach(Runnable::run);
    // What follows may have had to commit itself.
    durableEpoch = Math.max(durableEpoch, written);
  }

  @Override
  public void settle() throws IOException {
    commit();
  }

  @Override
  public boolean isAtomic() {
    return false;
  }

  @Override
  public boolean isClean() {
    return dirty.isEmpty() && afterCommit.isEmpty() && isDurable(runningEpoch - 1);
  }

  /** The listener is told with no epoch being written. */
  @Override
  public void abort(IOException cause) {
    if (abort.compareAndSet(null, cause)) {
      aborting = Thread.ofVirtual().name("abort/" + volume).start(() -> tellOfAbort(cause));
    }
  }

  private void tellOfAbort(IOException cause) {
    committing.lock();
    try {
      onFailure.accept(cause);
    } finally {
      committing.unlock();
    }
  }

  @Override
  public int abortErrno() {
    IOException failure = abort.get();
    return failure == null ? 0 : Errno.EROFS;
  }

  @Override
  public JournalStats stats() {
    return new JournalStats(commits.sum(), handlesStarted.sum(), blocksCommitted.sum(), 0, 0, 0, 0);
  }

  @Override
  public void close() throws IOException {
    stopping = true;
    LockSupport.unpark(background);
    Uninterruptibly.join(background);
    try {
      // The first commit frees what it unlinked; those changes are the second one's.
      while (abort.get() == null && !isClean()) {
        commit();
      }
    } finally {
      Thread telling = aborting;
      if (telling != null) {
        Uninterruptibly.join(telling);
      }
      closed = true;
      writer.close();
    }
  }

  /** Writes what was changed. @return which epoch that was */
  private long writeEpoch(List<Runnable> freed) throws BlockIoException {
    List<MetadataBuffer> changed = snapshot(freed);
    long written = runningEpoch - 1;
    io.flush();
    if (changed.isEmpty()) {
      return written;
    }
    try {
      for (WriteOrder order : WriteOrder.values()) {
        if (writer.write(order)) {
          io.flush();
        }
      }
    } finally {
      for (MetadataBuffer buffer : changed) {
        buffer.endWrite();
        buffer.close();
      }
    }
    commits.increment();
    blocksCommitted.add(changed.size());
    return written;
  }

  /** Copies all dirty blocks at a moment when no handle is open, so that changes are whole. */
  private List<MetadataBuffer> snapshot(List<Runnable> freed) {
    List<MetadataBuffer> changed = new ArrayList<>();
    long stamp = handles.writeLock();
    try {
      for (MetadataBuffer b = dirty.poll(); b != null; b = dirty.poll()) {
        changed.add(b);
      }
      dirtyCount.set(0);
      changed.sort(Comparator.comparingLong(MetadataBuffer::blockNr));
      writer.begin();
      for (MetadataBuffer buffer : changed) {
        buffer.beginWrite();
        writer.add(buffer);
        // Once written it is referred to, and from then on changed in place.
        if (buffer.writeOrder() == WriteOrder.UNREFERENCED) {
          buffer.writeOrder(WriteOrder.IN_PLACE);
        }
      }
      for (Runnable r = afterCommit.poll(); r != null; r = afterCommit.poll()) {
        freed.add(r);
      }
      long written = runningEpoch;
      runningEpoch = written + 1;
    } finally {
      handles.unlockWrite(stamp);
    }
    writer.updateChecksums();
    return changed;
  }

  private void commitInBackground() {
    while (!stopping) {
      LockSupport.parkNanos(this, intervalNanos);
      if (stopping || dirty.isEmpty() || abort.get() != null) {
        continue;
      }
      try {
        commit();
      } catch (IOException e) {
        // Logged where it happened; the next caller of commit or start hears of it.
        return;
      }
    }
  }

  private void rethrowAbort() throws IOException {
    IOException failure = abort.get();
    if (failure != null) {
      throw ReadOnlyVolumeException.after(volume, failure);
    }
  }

  private final class EpochHandle implements Handle {
    private long stamp;

    EpochHandle(long stamp) {
      this.stamp = stamp;
    }

    @Override
    public long transaction() {
      return runningEpoch;
    }

    @Override
    public boolean extend(int credits) {
      return true;
    }

    @Override
    public void access(MetadataBuffer buffer) {
      assert stamp != 0 : "a change outside of its handle";
    }

    @Override
    public void dirty(MetadataBuffer buffer) {
      assert stamp != 0 : "a change outside of its handle";
      if (buffer.markDirty()) {
        dirty.add(buffer.pin());
        if (dirtyCount.incrementAndGet() == PRESSURE_BLOCKS) {
          LockSupport.unpark(background);
        }
      }
    }

    @Override
    public void revoke(long blockNr) {
      assert stamp != 0 : "a change outside of its handle";
    }

    @Override
    public void atCommit(Runnable action) {
      afterCommit.add(action);
    }

    @Override
    public void afterCommit(Runnable action) {
      afterCommit.add(action);
    }

    @Override
    public void close() {
      handles.unlockRead(stamp);
      stamp = 0;
    }
  }
}
