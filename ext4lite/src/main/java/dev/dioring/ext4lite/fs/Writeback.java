package dev.dioring.ext4lite.fs;

import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The delayed writes of a volume: the memory they may take, and the thread that writes what has
 * waited long enough, or all when memory runs short.
 *
 * <p>Data is only taken with a promise of space for it. Where that is short every write allocates
 * its blocks itself, and whoever gets none is told.
 */
final class Writeback implements AutoCloseable {
  private static final long AGE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int PARALLEL = 8;

  /** Free blocks that are left alone, for metadata. */
  private static final long SPARED_BLOCKS = 1024;

  /** Blocks of metadata that the content of one piece may need. */
  private static final int BLOCKS_EACH = 2;

  private final FreeSpace space;
  private final int blockShift;
  private final Arena arena = Arena.ofShared();
  private final DelayedMemory memory = new DelayedMemory(arena);
  private final Set<DelayedWrite> pending = ConcurrentHashMap.newKeySet();
  private final Semaphore parallel = new Semaphore(PARALLEL, true);
  private final ExecutorService writers;
  private final Thread thread;

  /** Whether the thread waits for a file to have something pending, or is about to. */
  private volatile boolean sleeping;

  /** The errno of content that was lost, until a sync has told so; 0 if there is none. */
  private final AtomicInteger lost = new AtomicInteger();

  private volatile boolean closed;

  Writeback(String volume, FreeSpace space, int blockShift) {
    this.space = space;
    this.blockShift = blockShift;
    writers =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("writeback/" + volume + "-", 0).factory());
    thread = Thread.ofVirtual().name("writeback/" + volume).start(this::run);
  }

  /** Memory for the first data of a file, or null. No waiting. */
  DelayedMemory.@Nullable Piece begin(DelayedWrite write, long bytes) {
    DelayedMemory.Piece piece = closed ? null : take(bytes);
    if (piece != null) {
      pending.add(write);
      if (sleeping) {
        wake();
      }
    }
    return piece;
  }

  /** Larger memory in exchange for a piece, which is to be given back, or null. No waiting. */
  DelayedMemory.@Nullable Piece exchange(DelayedMemory.Piece held, long bytes) {
    DelayedMemory.Piece larger = take(bytes);
    if (larger != null) {
      keepPromise(held);
    }
    return larger;
  }

  private DelayedMemory.@Nullable Piece take(long bytes) {
    DelayedMemory.Piece piece = memory.take(bytes);
    if (piece == null || memory.isScarce()) {
      wake();
    }
    if (piece != null && !space.tryPromise(promisedBlocks(piece), SPARED_BLOCKS)) {
      memory.giveBack(piece);
      return null;
    }
    return piece;
  }

  /** Lets the blocks be allocated that a piece would take. */
  void keepPromise(DelayedMemory.Piece piece) {
    space.dropPromise(promisedBlocks(piece));
  }

  /** What is promised with a piece. */
  long promisedBlocks(DelayedMemory.Piece piece) {
    return (piece.bytes() >>> blockShift) + BLOCKS_EACH;
  }

  void giveBack(DelayedMemory.Piece piece) {
    memory.giveBack(piece);
  }

  /**
   * A file has nothing pending any more. Under its lock, so that it cannot begin anew meanwhile.
   */
  void ended(DelayedWrite write, DelayedMemory.Piece piece) {
    pending.remove(write);
    memory.giveBack(piece);
  }

  /** Content could not be written. */
  void lost(int errno) {
    lost.set(errno);
  }

  /** The errno of content that was lost since this was asked last, or 0. */
  int takeLost() {
    return lost.getAndSet(0);
  }

  /** Has what is due written now. No waiting. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Whether any file has something pending. */
  boolean isPending() {
    return !pending.isEmpty();
  }

  /** Writes what was taken before this call. Parks. */
  void flushAll() {
    for (DelayedWrite write : pending) {
      start(write);
    }
    parallel.acquireUninterruptibly(PARALLEL);
    parallel.release(PARALLEL);
  }

  /** Writes all and takes no more. */
  @Override
  public void close() {
    closed = true;
    wake();
    Uninterruptibly.join(thread);
    flushAll();
    writers.close();
    arena.close();
  }

  private void start(DelayedWrite write) {
    parallel.acquireUninterruptibly();
    writers.execute(
        () -> {
          try {
            write.flush();
          } finally {
            parallel.release();
          }
        });
  }

  private void run() {
    while (!closed) {
      // Said before it looks, and looked at after a file was added: one of the two sees the other.
      sleeping = true;
      boolean idle = pending.isEmpty();
      if (idle && !closed) {
        LockSupport.park(this);
      }
      sleeping = false;
      if (!idle) {
        LockSupport.parkNanos(this, ROUND_NANOS);
      }
      round();
    }
  }

  private void round() {
    long now = System.nanoTime();
    boolean scarce = memory.isScarce();
    for (DelayedWrite write : pending) {
      if (scarce || write.isDue(AGE_NANOS, now)) {
        start(write);
      }
    }
  }
}
