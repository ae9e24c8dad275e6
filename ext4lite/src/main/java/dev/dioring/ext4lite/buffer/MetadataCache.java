package dev.dioring.ext4lite.buffer;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.threads.Waiting;
import dev.dioring.engine.threads.WouldWaitException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The metadata blocks of one volume in memory, by block number. Look-ups take no lock; two readers
 * of a missing block share one read. The size is bounded but for blocks that are dirty or in use.
 */
public final class MetadataCache implements AutoCloseable {
  /** The role of a block without a structure of its own: there is nothing to verify. */
  public static final long NO_ROLE = 0;

  private static final int BUCKETS = 1 << 14;

  private final BlockIo io;
  private final int blockSizeBytes;
  private final BufferMemory memory;
  private final AtomicReferenceArray<@Nullable MetadataBuffer> buckets =
      new AtomicReferenceArray<>(BUCKETS);

  /** Serialises changes of a bucket's chain. */
  private final Object[] bucketLocks = new Object[64];

  private final EvictionClock clock = new EvictionClock();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /**
   * Makes an empty cache.
   *
   * @param io the volume's device
   * @param blockSizeBytes the filesystem's block size
   * @param limitBytes memory to use before idle blocks are dropped
   */
  public MetadataCache(BlockIo io, int blockSizeBytes, long limitBytes) {
    this.io = io;
    this.blockSizeBytes = blockSizeBytes;
    memory = new BufferMemory(blockSizeBytes, limitBytes);
    for (int i = 0; i < bucketLocks.length; i++) {
      bucketLocks[i] = new Object();
    }
  }

  public int blockSizeBytes() {
    return blockSizeBytes;
  }

  public BlockIo io() {
    return io;
  }

  /**
   * A block as it is, pinned, read if it has to be. May park.
   *
   * @throws IOException if it cannot be read
   * @throws WouldWaitException if it had to be, and the thread may not wait
   */
  public MetadataBuffer get(long blockNr) throws IOException {
    return get(blockNr, NO_ROLE, BlockVerifier.NONE);
  }

  /**
   * A verified block, pinned, read if it has to be. May park.
   *
   * @param role stands for what the block is taken for and whose it is; on a corrupt volume one
   *     block can be several things, so it is verified anew when its role changes
   * @throws IOException if it cannot be read, or the verifier refuses it
   * @throws WouldWaitException if it had to be read, and the thread may not wait
   */
  public MetadataBuffer get(long blockNr, long role, BlockVerifier verifier) throws IOException {
    MetadataBuffer buffer = findOrInsert(blockNr);
    if (!buffer.isVerified(role)) {
      if (!buffer.isLoaded() && Waiting.isForbidden()) {
        buffer.close();
        Waiting.begins();
      }
      boolean done = false;
      buffer.loading().lock();
      try {
        load(buffer, role, verifier);
        done = true;
      } finally {
        buffer.loading().unlock();
        if (!done) {
          buffer.close();
        }
      }
    }
    return buffer;
  }

  /** A block that was verified in this role, pinned, if it is in memory; else null. No waiting. */
  public @Nullable MetadataBuffer tryGet(long blockNr, long role) {
    MetadataBuffer buffer = find(blockNr);
    if (buffer == null) {
      return null;
    }
    if (!buffer.isVerified(role)) {
      buffer.close();
      return null;
    }
    return buffer;
  }

  /** A block that was just allocated, zeroed and pinned, without a read. */
  public MetadataBuffer create(long blockNr, long role) {
    MetadataBuffer buffer = findOrInsert(blockNr);
    buffer.loading().lock();
    try {
      buffer.data().fill((byte) 0);
      // What the block was before had a checksum of its own kind.
      buffer.checksum(ChecksumUpdate.NONE);
      buffer.setVerified(role);
      buffer.setLoaded();
    } finally {
      buffer.loading().unlock();
    }
    return buffer;
  }

  /**
   * Reads a run of blocks ahead, missing ones in as few transfers as possible. They are verified
   * when they are asked for. Errors are left to that time too. A thread that may not wait reads
   * nothing.
   */
  public void prefetch(long firstBlockNr, int count) {
    if (Waiting.isForbidden()) {
      return;
    }
    ReadAhead batch = new ReadAhead(io, blockSizeBytes);
    for (int i = 0; i < count; i++) {
      MetadataBuffer buffer = findOrInsert(firstBlockNr + i);
      if (!lockMissing(buffer)) {
        buffer.close();
        batch.read();
      } else if (batch.add(buffer) == BlockRequest.VECTOR_MAX) {
        batch.read();
      }
    }
    batch.read();
  }

  /** Locks the loading of a block that nobody has loaded or is loading. */
  private static boolean lockMissing(MetadataBuffer buffer) {
    if (buffer.isLoaded() || !buffer.loading().tryLock()) {
      return false;
    }
    // Whoever had the lock may have loaded the block, and others may be changing it by now.
    if (buffer.isLoaded()) {
      buffer.loading().unlock();
      return false;
    }
    return true;
  }

  /** What was found, and what it takes. */
  public CacheStats stats() {
    return new CacheStats(
        hits.sum(), misses.sum(), evictions.sum(), memory.allocatedBytes(), memory.limitBytes());
  }

  /** Frees the memory. Nothing may be pinned or dirty any more. */
  @Override
  public void close() {
    memory.close();
  }

  private void load(MetadataBuffer buffer, long role, BlockVerifier verifier) throws IOException {
    if (!buffer.isLoaded()) {
      io.readFully(buffer.blockNr() * blockSizeBytes, buffer.data());
      buffer.setLoaded();
    }
    if (!buffer.isVerified(role)) {
      verifier.verify(buffer);
      buffer.setVerified(role);
    }
  }

  private @Nullable MetadataBuffer find(long blockNr) {
    for (MetadataBuffer b = buckets.get(bucket(blockNr)); b != null; b = b.nextInBucket) {
      if (b.blockNr() == blockNr && b.tryPin()) {
        hits.increment();
        return b;
      }
    }
    return null;
  }

  private MetadataBuffer findOrInsert(long blockNr) {
    MetadataBuffer found = find(blockNr);
    if (found != null) {
      return found;
    }
    MemorySegment data = memory.take(() -> clock.evict(this));
    int bucket = bucket(blockNr);
    synchronized (lockOf(bucket)) {
      found = find(blockNr);
      if (found == null) {
        MetadataBuffer made = new MetadataBuffer(blockNr, data);
        made.nextInBucket = buckets.get(bucket);
        buckets.set(bucket, made);
        clock.add(made);
        misses.increment();
        return made;
      }
    }
    memory.give(data);
    return found;
  }

  /** Unlinks an evicted buffer and takes its memory back. Readers may still pass through it. */
  void remove(MetadataBuffer evicted) {
    int bucket = bucket(evicted.blockNr());
    synchronized (lockOf(bucket)) {
      MetadataBuffer previous = null;
      MetadataBuffer at = buckets.get(bucket);
      while (at != null && at != evicted) {
        previous = at;
        at = at.nextInBucket;
      }
      if (previous == null) {
        buckets.set(bucket, evicted.nextInBucket);
      } else {
        previous.nextInBucket = evicted.nextInBucket;
      }
    }
    memory.give(evicted.data());
    evictions.increment();
  }

  private Object lockOf(int bucket) {
    return bucketLocks[bucket & (bucketLocks.length - 1)];
  }

  private static int bucket(long blockNr) {
    long hash = blockNr * 0x9E37_79B9_7F4A_7C15L;
    return (int) (hash >>> 50) & (BUCKETS - 1);
  }
}
