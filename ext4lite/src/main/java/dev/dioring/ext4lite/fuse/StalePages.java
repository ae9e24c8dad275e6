package dev.dioring.ext4lite.fuse;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Drops the kernel's pages of what was written past its cache. The kernel does so before it sends a
 * direct write and, if its caller waits for it, afterwards; but not after an asynchronous one, so
 * that what somebody reads through the cache meanwhile would stay there, as it was before, for as
 * long as there is memory.
 *
 * <p>Who has pages of a file is not known here, only who read some lately. A write that ends after
 * such a read has its reply wait until its pages are dropped, on a thread for that alone: the
 * kernel waits there for reads under way, which pollers and virtual threads serve. Those reads also
 * need a free place in the transport. So few replies wait; if there are more, they go out first.
 */
final class StalePages implements AutoCloseable {
  /** Replies that wait at most; fewer than there are places in any queue of a transport. */
  static final int HELD_MAX = 2;

  /** Longer than a write takes from when the kernel drops pages until it arrives here. */
  private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long THREAD_IDLE_SECONDS = 10;
  private static final int SLOTS = 1 << 10;
  private static final long NEVER = 0;

  private final Notifier notifier;

  /** When a file was last read through the cache, by inode number; several may share a slot. */
  private final AtomicLongArray readAt = new AtomicLongArray(SLOTS);

  private final Semaphore holds = new Semaphore(HELD_MAX);
  private final ThreadPoolExecutor executor;

  StalePages(Notifier notifier) {
    this.notifier = notifier;
    executor =
        new ThreadPoolExecutor(
            0,
            1,
            THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon(true).name("fuse-stale-pages").factory());
  }

  /** The kernel reads pages. Called before any of their data is read. */
  void willBeRead(long inodeNr) {
    // Odd, and so not NEVER.
    readAt.set(slot(inodeNr), System.nanoTime() | 1);
  }

  /**
   * Whether there may be pages from before a direct write that has just ended.
   *
   * @param arrivedNanos when it arrived, by {@link System#nanoTime}
   */
  boolean arePossible(long inodeNr, long arrivedNanos) {
    long last = readAt.get(slot(inodeNr));
    return last != NEVER && arrivedNanos - last < LATELY_NANOS;
  }

  /** Drops the pages of a range and replies: afterwards, unless too many replies wait already. */
  void drop(long inodeNr, long position, long lengthBytes, Runnable reply) {
    boolean held = holds.tryAcquire();
    if (!held) {
      reply.run();
    }
    executor.execute(
        () -> {
          try {
            notifier.dataChanged(inodeNr, position, lengthBytes);
          } finally {
            if (held) {
              holds.release();
              reply.run();
            }
          }
        });
  }

  /** Waits for what is being dropped. Nothing is read or written any more. */
  @Override
  public void close() {
    executor.close();
  }

  private static int slot(long inodeNr) {
    return (int) inodeNr & (SLOTS - 1);
  }
}
