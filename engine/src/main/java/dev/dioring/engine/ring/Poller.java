package dev.dioring.engine.ring;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Events;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes and exclusively owns one ring: it takes what other threads handed over,
 * submits, reaps, and runs the callbacks. What callbacks submit goes out with the next enter.
 *
 * <p>One enter both submits and reaps, over small batches: a sixteenth of what is in flight. It
 * sleeps inside the kernel, and only then do producers have to wake it, once per sleep.
 */
public final class Poller implements AutoCloseable {
  /** Where other threads' work comes from. Runs on the poller thread. */
  public interface Source {
    /** Takes and submits a bounded number of handed-over items. @return whether there were any */
    boolean drain();

    /** Whether {@link #drain} would find something. */
    boolean hasWork();
  }

  private static final Logger LOG = LoggerFactory.getLogger(Poller.class);
  private static final int AWAKE = 0;
  private static final int SLEEPING = 1;
  private static final int BATCHES_IN_FLIGHT = 16;
  private static final int BATCH_MAX = 32;

  private final RingOptions options;
  private final Source source;
  private final Thread thread;
  private final CompletableFuture<Ring> started = new CompletableFuture<>();

  /** SLEEPING from before the last look at the source until after the enter that waited. */
  private final AtomicInteger state = new AtomicInteger(AWAKE);

  private final int wakeFd;
  private volatile boolean stopping;

  // All below belong to the poller thread.
  private final @Nullable RingOperation[] table;
  private final int[] freeSlots;
  private int freeCount;
  private int inFlight;
  private @Nullable RingOperation waitingHead;
  private @Nullable RingOperation waitingTail;
  private final long[] reapedData;
  private final int[] reapedResults;
  private final int[] reapedFlags;
  private final WakeUp wakeUp = new WakeUp();
  private @Nullable Ring ring;

  /**
   * Makes a poller that is yet to be started.
   *
   * @param name of the thread
   */
  public Poller(String name, RingOptions options, Source source) {
    this.options = options;
    this.source = source;
    int slots = options.operations() + Ring.RESERVED_ENTRIES;
    table = new RingOperation[slots];
    freeSlots = new int[slots];
    reapedData = new long[BATCH_MAX];
    reapedResults = new int[BATCH_MAX];
    reapedFlags = new int[BATCH_MAX];
    for (int slot = slots - 1; slot >= 0; slot--) {
      freeSlots[freeCount++] = slot;
    }
    wakeFd = Events.create();
    if (wakeFd < 0) {
      throw new NativeException("eventfd", -wakeFd);
    }
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * Starts the thread and waits until its ring is there.
   *
   * @throws NativeException if the kernel has no ring for us
   */
  public void start() {
    thread.start();
    try {
      started.join();
    } catch (CompletionException e) {
      int unused = LinuxFiles.close(wakeFd);
      if (e.getCause() instanceof NativeException refused) {
        throw new NativeException("io_uring_setup", refused.errno());
      }
      throw e;
    }
  }

  /** Whether the caller is the poller thread. */
  public boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  /** Whether the kernel knows the operation. */
  public boolean supports(int opcode) {
    return started.join().probe().supports(opcode);
  }

  /** SETUP_* flags in use, by name. */
  public String flagNames() {
    return RingSetup.names(started.join().flags());
  }

  /** SETUP_* flags in use. */
  public int flags() {
    return started.join().flags();
  }

  /** Registers buffers or files with the ring; poller thread only. @return 0 or {@code -errno} */
  public int register(int opcode, MemorySegment argument, int count) {
    return ring().register(opcode, argument, count);
  }

  /** Tells the poller that its source has work. Any thread. */
  public void wake() {
    if (state.get() == SLEEPING && state.compareAndSet(SLEEPING, AWAKE)) {
      int unused = Events.raise(wakeFd);
    }
  }

  /** Submits an operation with the next enter, or once there is room; poller thread only. */
  public void submit(RingOperation operation) {
    if (waitingHead == null && tryQueue(operation)) {
      return;
    }
    operation.next = null;
    if (waitingTail == null) {
      waitingHead = operation;
    } else {
      waitingTail.next = operation;
    }
    waitingTail = operation;
  }

  /** Operations that the kernel has, without the poller's own. */
  public int inFlight() {
    return inFlight;
  }

  /**
   * Ends the thread once nothing is in flight, and closes the ring. The source must not hand over
   * any more. Idempotent.
   */
  @Override
  public void close() {
    if (isCurrentThread()) {
      throw new IllegalStateException("a poller cannot be closed from its own thread");
    }
    stopping = true;
    wake();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Ring ring() {
    Ring r = ring;
    if (r == null) {
      throw new IllegalStateException("the ring is not there yet");
    }
    return r;
  }

  private void run() {
    try (Ring made = new Ring(options)) {
      ring = made;
      started.complete(made);
      loop(made);
    } catch (NativeException e) {
      started.completeExceptionally(e);
    } finally {
      if (!started.isCompletedExceptionally()) {
        int unused = LinuxFiles.close(wakeFd);
      }
      wakeUp.arena.close();
    }
  }

  private void loop(Ring r) {
    submit(wakeUp);
    int idle = 0;
    while (true) {
      boolean worked = source.drain();
      worked |= reap(r);
      admitWaiting();
      if (stopping && inFlight == 0 && waitingHead == null && !source.hasWork()) {
        if (wakeUp.slot == RingOperation.NO_SLOT) {
          return;
        }
        // The kernel still holds the wake-up's memory: let its read end first.
        int unused = Events.raise(wakeFd);
      }
      int minComplete = 0;
      if (worked || r.hasCompletions()) {
        idle = 0;
      } else if (++idle > options.spins()) {
        minComplete = 1;
      }
      if (minComplete == 0) {
        enter(r, 0);
      } else {
        sleep(r);
      }
    }
  }

  /**
   * Waits in the kernel. The state is set before the last look at the source, and a producer looks
   * at the state after it has handed over, so one of the two sees the other (both are volatile).
   */
  private void sleep(Ring r) {
    state.set(SLEEPING);
    if (source.hasWork() || (stopping && inFlight == 0)) {
      state.set(AWAKE);
      enter(r, 0);
      return;
    }
    enter(r, 1);
    state.set(AWAKE);
  }

  private static void enter(Ring r, int minComplete) {
    int result = r.enter(minComplete);
    if (!Ring.passes(result)) {
      // Nothing can be submitted or reaped any more; going on would spin for ever.
      throw new NativeException("io_uring_enter", -result);
    }
  }

  /** Copies a batch of completions out of the queue, then runs their callbacks. */
  private boolean reap(Ring r) {
    int batch = Math.min(BATCH_MAX, Math.max(1, inFlight / BATCHES_IN_FLIGHT));
    int count = Math.min(batch, r.completions());
    for (int i = 0; i < count; i++) {
      reapedData[i] = r.userDataAt(i);
      reapedResults[i] = r.resultAt(i);
      reapedFlags[i] = r.flagsAt(i);
    }
    if (count == 0) {
      return false;
    }
    r.consume(count);
    for (int i = 0; i < count; i++) {
      complete((int) reapedData[i], reapedResults[i], reapedFlags[i]);
    }
    return true;
  }

  private void complete(int slot, int result, int flags) {
    RingOperation operation = table[slot];
    if (operation == null) {
      LOG.error("completion for slot {}, which holds no operation", slot);
      return;
    }
    if ((flags & Uring.CQE_F_MORE) == 0) {
      table[slot] = null;
      operation.slot = RingOperation.NO_SLOT;
      freeSlots[freeCount++] = slot;
      if (operation != wakeUp) {
        inFlight--;
      }
      if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
        submit(operation);
        return;
      }
    }
    operation.completed(result, flags);
  }

  private void admitWaiting() {
    while (waitingHead != null && tryQueue(waitingHead)) {
      RingOperation admitted = waitingHead;
      waitingHead = admitted.next;
      admitted.next = null;
      if (waitingHead == null) {
        waitingTail = null;
      }
    }
  }

  private boolean tryQueue(RingOperation operation) {
    Ring r = ring();
    if (freeCount == 0 || r.sqSpace() == 0) {
      return false;
    }
    int slot = freeSlots[--freeCount];
    table[slot] = operation;
    operation.slot = slot;
    if (operation != wakeUp) {
      inFlight++;
    }
    long at = r.nextSqe();
    operation.prepare(r.sqes(), at);
    Sqe.userData(r.sqes(), at, slot);
    return true;
  }

  /** Makes a full hand-over queue's producers wait a little. */
  public static void backOff() {
    LockSupport.parkNanos(50_000);
  }

  /** The read of the event counter that ends the poller's sleep. */
  private final class WakeUp extends RingOperation {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment counter = arena.allocate(Long.BYTES, Long.BYTES);

    @Override
    protected void prepare(MemorySegment sqes, long at) {
      Sqe.transfer(sqes, at, Uring.OP_READ, wakeFd, counter.address(), Long.BYTES, 0);
    }

    @Override
    protected void completed(int result, int flags) {
      if (!stopping) {
        submit(this);
      }
    }
  }
}
