package dev.dioring.engine.dio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The executor that belongs to one mount: runs the completions that may block, on virtual threads
 * named {@code dio/<volume>-N}. It is made when the first completion is deferred; a mount that only
 * reads and overwrites never has one.
 */
public final class DeferredCompletions implements AutoCloseable {
  private final String volume;
  private final int workersMax;
  private final AtomicReference<@Nullable DeferredExecutor> executor = new AtomicReference<>();
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger discarded = new AtomicInteger();
  private final AtomicLong punts = new AtomicLong();

  /** Requests deferred and not yet completed, by the parity of the drain they belong to. */
  private final AtomicLong[] pending = {new AtomicLong(), new AtomicLong()};

  /** Which of {@link #pending} new requests count in; flipped by {@link #drain}. */
  private volatile int parity;

  /** The thread that drains. */
  private volatile @Nullable Thread drainer;

  /** Punted submissions that have not yet come to their end. */
  private final InFlight submissions = new InFlight();

  private final ReentrantLock drainLock = new ReentrantLock();
  private volatile boolean closed;

  final LongAdder inline = new LongAdder();
  final LongAdder deferred = new LongAdder();
  final LongAdder batches = new LongAdder();
  final LongAdder ranges = new LongAdder();

  /**
   * Makes a mount's completions, without an executor yet.
   *
   * @param volume name for the threads
   * @param workersMax conversions of different files under way at most
   */
  public DeferredCompletions(String volume, int workersMax) {
    this.volume = volume;
    this.workersMax = workersMax;
  }

  /** Counts a request as deferred. @return the parity to give to {@link #finished} */
  int admit() {
    assert !closed : "a completion was deferred after unmount";
    int now = parity;
    pending[now].incrementAndGet();
    deferred.increment();
    return now;
  }

  void finished(int admittedParity) {
    if (pending[admittedParity].decrementAndGet() == 0) {
      LockSupport.unpark(drainer);
    }
  }

  void schedule(FileCompletions file) {
    executor().schedule(file);
  }

  /** Runs the continuation of a submission that would have blocked the poller. */
  void punt(Runnable continuation) {
    // Not on the workers: a mapping may wait for a lock that only a deferred completion releases.
    // Nor on a limited number of threads: all of them could wait for what the next would release.
    // There are never more than the callers have requests in flight.
    submissions.begin();
    Thread.ofVirtual()
        .name("dio/" + volume + "-submit-" + punts.getAndIncrement())
        .start(
            () -> {
              try {
                continuation.run();
              } finally {
                submissions.end();
              }
            });
  }

  /**
   * Waits until every submission that left the completion thread has gone on: the first step of an
   * unmount, after which each request counts in its file's {@link InFlight}.
   */
  public void awaitSubmissions() {
    submissions.await();
  }

  /**
   * Waits until everything deferred before this call has completed. Not to be called by a
   * completion.
   */
  public void drain() {
    boolean interrupted = false;
    drainLock.lock();
    try {
      drainer = Thread.currentThread();
      // Twice: a thread in admit may count itself in with a parity that it read before a flip.
      for (int round = 0; round < 2; round++) {
        int old = parity;
        parity = 1 - old;
        while (pending[old].get() != 0) {
          LockSupport.park(this);
          interrupted |= Thread.interrupted();
        }
      }
      drainer = null;
    } finally {
      drainLock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Drains and ends the executor. Nothing may be deferred any more. Idempotent. */
  @Override
  public void close() {
    drain();
    closed = true;
    DeferredExecutor running = executor.get();
    if (running != null) {
      running.close();
    }
  }

  public DeferredStats stats() {
    DeferredExecutor running = executor.get();
    return new DeferredStats(
        inline.sum(),
        deferred.sum(),
        batches.sum(),
        ranges.sum(),
        running == null ? 0 : running.workers(),
        made.get(),
        discarded.get());
  }

  /** Made by whoever comes first; a thread that loses the race shuts its own down. */
  private DeferredExecutor executor() {
    DeferredExecutor running = executor.get();
    if (running != null) {
      return running;
    }
    DeferredExecutor mine = new DeferredExecutor(this, volume, workersMax);
    made.incrementAndGet();
    if (executor.compareAndSet(null, mine)) {
      return mine;
    }
    mine.close();
    discarded.incrementAndGet();
    DeferredExecutor winner = executor.get();
    if (winner == null) {
      throw new AssertionError("the published executor is gone");
    }
    return winner;
  }
}
