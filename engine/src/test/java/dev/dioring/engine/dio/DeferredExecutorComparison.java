package dev.dioring.engine.dio;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Compares ways to run deferred completions, as a program of its own: one platform thread stands
 * for the poller and hands completions over, a bounded number in flight; the other side does the
 * work of a conversion, once per hand-over, and answers. Prints completions per second, CPU and
 * bytes allocated per completion, process-wide.
 *
 * <p>Arguments: depth, completions that the poller reaps together, cost of one conversion in
 * nanoseconds, rounds.
 */
public final class DeferredExecutorComparison {
  private static final long MEASURE_NANOS = 1_000_000_000L;
  private static final long SPIN_NANOS = 10_000;

  /** How completions get to where they may block. */
  private enum Design {
    /** A virtual thread started for each. */
    THREAD_EACH,
    /** A long-lived virtual worker; each completion is converted by itself. */
    WORKER,
    /** The same worker; what waits together is converted together. */
    WORKER_BATCHING,
    /** And it looks for more for about as long as a wake-up costs before it parks. */
    WORKER_SPINNING
  }

  /** One completion: its own link in the queue, like a Dio. */
  private static final class Item implements Runnable {
    @Nullable Item next;
    private final DeferredExecutorComparison run;

    Item(DeferredExecutorComparison run) {
      this.run = run;
    }

    @Override
    public void run() {
      run.convert();
      run.answer(this);
    }
  }

  private final Design design;
  private final int depth;
  private final int reapBatch;
  private final int conversionNanos;
  private final AtomicReference<@Nullable Item> waiting = new AtomicReference<>();
  private final AtomicReference<@Nullable Item> idleItems = new AtomicReference<>();
  private final AtomicBoolean workerIdle = new AtomicBoolean();
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile boolean stopped;
  private final LongAdder conversions = new LongAdder();

  private DeferredExecutorComparison(Design design, int depth, int reapBatch, int conversionNanos) {
    this.design = design;
    this.depth = depth;
    this.reapBatch = reapBatch;
    this.conversionNanos = conversionNanos;
  }

  /** Runs all designs, alternating. */
  public static void main(String[] args) throws InterruptedException {
    int depth = args.length > 0 ? Integer.parseInt(args[0]) : 32;
    int reapBatch = args.length > 1 ? Integer.parseInt(args[1]) : 8;
    int conversionNanos = args.length > 2 ? Integer.parseInt(args[2]) : 2000;
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
    for (int round = 0; round < rounds; round++) {
      for (Design design : Design.values()) {
        new DeferredExecutorComparison(design, depth, reapBatch, conversionNanos).measure(round);
      }
    }
  }

  private void measure(int round) throws InterruptedException {
    for (int i = 0; i < depth; i++) {
      push(idleItems, new Item(this));
    }
    Thread worker = Thread.ofVirtual().unstarted(this::work);
    if (design != Design.THREAD_EACH) {
      worker.start();
    }
    hand(worker, MEASURE_NANOS);
    long conversionsBefore = conversions.sum();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long bytes = threads.getTotalThreadAllocatedBytes();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    long done = hand(worker, MEASURE_NANOS);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "round %d depth %d %-16s %9.0f/s %6.0f ns CPU %6.1f B %6.1f per conversion%n",
        round,
        depth,
        design,
        done / seconds,
        (double) (system.getProcessCpuTime() - cpu) / done,
        (double) (threads.getTotalThreadAllocatedBytes() - bytes) / done,
        (double) done / Math.max(1, conversions.sum() - conversionsBefore));
    while (outstanding.get() > 0) {
      Thread.onSpinWait();
    }
    stopped = true;
    LockSupport.unpark(worker);
    if (design != Design.THREAD_EACH) {
      worker.join();
    }
  }

  /** The poller: reaps what may be submitted again, and hands each over at once. */
  private long hand(Thread worker, long nanos) {
    long end = System.nanoTime() + nanos;
    long done = 0;
    while (System.nanoTime() < end) {
      if (depth - outstanding.get() < reapBatch) {
        Thread.onSpinWait();
        continue;
      }
      Item reaped = idleItems.getAndSet(null);
      while (reaped != null) {
        Item next = reaped.next;
        outstanding.incrementAndGet();
        give(reaped, worker);
        done++;
        reaped = next;
      }
    }
    return done;
  }

  private void give(Item item, Thread worker) {
    if (design == Design.THREAD_EACH) {
      Thread unused = Thread.startVirtualThread(item);
      return;
    }
    push(waiting, item);
    if (workerIdle.get() && workerIdle.compareAndSet(true, false)) {
      LockSupport.unpark(worker);
    }
  }

  private void work() {
    while (!stopped) {
      Item item = waiting.getAndSet(null);
      if (item == null) {
        if (design == Design.WORKER_SPINNING && moreCame()) {
          continue;
        }
        workerIdle.set(true);
        if (waiting.get() == null && !stopped) {
          LockSupport.park(this);
        }
        workerIdle.set(false);
        continue;
      }
      if (design != Design.WORKER) {
        convert();
      }
      while (item != null) {
        Item next = item.next;
        if (design == Design.WORKER) {
          convert();
        }
        answer(item);
        item = next;
      }
    }
  }

  private boolean moreCame() {
    long end = System.nanoTime() + SPIN_NANOS;
    while (waiting.get() == null) {
      if (System.nanoTime() >= end) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  /** Stands for a journal handle and a change of the extent tree. */
  private void convert() {
    long end = System.nanoTime() + conversionNanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    conversions.increment();
  }

  private void answer(Item item) {
    push(idleItems, item);
    outstanding.decrementAndGet();
  }

  private static void push(AtomicReference<@Nullable Item> stack, Item item) {
    Item top;
    do {
      top = stack.get();
      item.next = top;
    } while (!stack.compareAndSet(top, item));
  }
}
