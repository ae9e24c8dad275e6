package dev.dioring.ext4lite.buffer;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One metadata block in memory. Whoever got it from the cache has it pinned and closes it to unpin;
 * while pinned it stays in the cache and its memory in place.
 *
 * <p>Who may change the content is the business of its owner in the filesystem, an inode's or the
 * allocator's lock; changes happen inside a journal handle that {@code access}ed the buffer.
 */
public final class MetadataBuffer implements AutoCloseable {
  private static final int EVICTED = -1;

  private final long blockNr;
  private final MemorySegment data;

  /** Users, or {@link #EVICTED}. */
  private final AtomicInteger pins = new AtomicInteger(1);

  /** Held while the content is read; virtual threads park on it. */
  private final ReentrantLock loading = new ReentrantLock();

  /** Set, after the content, by the thread that holds {@link #loading}. */
  private volatile boolean loaded;

  /** What the content was verified as, written like {@link #loaded}. */
  private volatile long role = MetadataCache.NO_ROLE;

  /** Set by each use, cleared by the sweep. */
  private volatile boolean recentlyUsed = true;

  /** Changed since it was last written, or being written; set inside a handle. */
  private volatile boolean dirty;

  private volatile boolean writing;
  private volatile WriteOrder order = WriteOrder.IN_PLACE;
  private volatile ChecksumUpdate checksum = ChecksumUpdate.NONE;

  /** Next in the cache's bucket; changed under the bucket's lock. */
  volatile @Nullable MetadataBuffer nextInBucket;

  MetadataBuffer(long blockNr, MemorySegment data) {
    this.blockNr = blockNr;
    this.data = data;
  }

  public long blockNr() {
    return blockNr;
  }

  /** The block, one filesystem block long. */
  public MemorySegment data() {
    return data;
  }

  public WriteOrder writeOrder() {
    return order;
  }

  /** Says when this block is written; its owner's business, like its content. */
  public void writeOrder(WriteOrder order) {
    this.order = order;
  }

  /** Says that this block maps content and was changed. */
  public void changedMapping() {
    if (order == WriteOrder.IN_PLACE) {
      order = WriteOrder.MAPPING;
    }
  }

  /** How the block's own checksum is computed when it is written. */
  public ChecksumUpdate checksum() {
    return checksum;
  }

  public void checksum(ChecksumUpdate update) {
    checksum = update;
  }

  /** Marks the content as changed; for journals. @return false if it was marked already */
  public boolean markDirty() {
    boolean first = !dirty;
    dirty = true;
    return first;
  }

  /** The content was copied and is about to be written; for journals, with no handle open. */
  public void beginWrite() {
    writing = true;
    dirty = false;
  }

  /** The copy is on disk, or failed to get there. */
  public void endWrite() {
    writing = false;
  }

  /** Pins once more, for another holder. */
  public MetadataBuffer pin() {
    if (!tryPin()) {
      throw new IllegalStateException("block " + blockNr + " is no longer cached");
    }
    return this;
  }

  /** Unpins. */
  @Override
  public void close() {
    int now = pins.decrementAndGet();
    if (now < 0) {
      throw new IllegalStateException("block " + blockNr + " is unpinned twice");
    }
  }

  boolean tryPin() {
    int now;
    do {
      now = pins.get();
      if (now == EVICTED) {
        return false;
      }
    } while (!pins.compareAndSet(now, now + 1));
    recentlyUsed = true;
    return true;
  }

  /** One step of the sweep: evicts the buffer if it is idle, clean, and was not used lately. */
  boolean tryEvict() {
    if (recentlyUsed) {
      recentlyUsed = false;
      return false;
    }
    if (dirty || writing || !pins.compareAndSet(0, EVICTED)) {
      return false;
    }
    if (dirty || writing) {
      // A handle was quicker; it is done with its pin but its change is not written.
      pins.set(0);
      return false;
    }
    return true;
  }

  ReentrantLock loading() {
    return loading;
  }

  boolean isLoaded() {
    return loaded;
  }

  void setLoaded() {
    loaded = true;
  }

  /** Whether the content is there and was verified for this use of it. */
  boolean isVerified(long wantedRole) {
    return loaded && (wantedRole == MetadataCache.NO_ROLE || wantedRole == role);
  }

  void setVerified(long asRole) {
    role = asRole;
  }

  @Override
  public String toString() {
    return "block " + blockNr + (dirty ? " dirty" : "") + " pins " + pins.get();
  }
}
