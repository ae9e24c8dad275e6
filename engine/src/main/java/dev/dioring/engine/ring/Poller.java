package dev.dioring.engine.ring;

import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Uring;
import dev.dioring.engine.threads.Uninterruptibly;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes and exclusively owns one ring: it takes what other threads hand over,
 * submits, reaps, and runs the callbacks. What callbacks submit goes out with the next enter, with
 * no hop and no allocation. Several devices can share one.
 *
 * <p>A pass reaps a small batch, runs its callbacks, and enters the kernel once, which submits what
 * the callbacks queued and posts completions. Small batches keep the device busy: its next work
 * does not wait for a long row of callbacks. With nothing to do the poller waits in the kernel, and
 * only then do producers have to wake it, once per sleep.
 *
 * <p>A ring that the kernel refuses to enter is lost for good. What is in flight then completes
 * with EIO, and whatever comes later with ESHUTDOWN; the thread lives on until the poller is
 * closed. The kernel may still write to the memory of what was in flight, see {@link
 * #mayHoldMemory}.
 */
public final class Poller implements AutoCloseable {
  /** Where an item goes that another thread handed over. */
  @FunctionalInterface
  public interface Receiver<T> {
    /** Takes the item, on the poller thread. Must not block or throw. */
    void receive(T item);
  }

  /** The thread, which knows whose it is. */
  private static final class PollerThread extends Thread {
    private final Poller poller;

    PollerThread(Poller poller, String name) {
      super(null, poller::run, name, 0, false);
      this.poller = poller;
      setDaemon(true);
    }
  }

  /** Makes the ring on the poller thread: the kernel's, or one whose failures a test injects. */
  @FunctionalInterface
  interface RingMaker {
    Ring make(RingOptions options);
  }

  /** Life of a poller, which the poller thread moves on. */
  private enum State {
    RUNNING,
    /** Nothing new is begun, everything begun is cancelled or ends. */
    CLOSING,
    /** The thread runs no more callbacks. */
    CLOSED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Poller.class);
  private static final int HAND_OVER_CAPACITY = 1024;
  private static final int BATCHES_IN_FLIGHT = 4;
  private static final int BATCH_MAX = 64;
  private static final int DRAIN_MAX = 64;

  private final RingOptions options;
  private final RingMaker maker;
  private final Thread thread;
  private final CompletableFuture<Ring> started = new CompletableFuture<>();
  private final HandOver handOver = new HandOver(HAND_OVER_CAPACITY);
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final WakeUp wakeUp = new WakeUp();
  private volatile State state = State.RUNNING;

  /** Written by the poller thread before the first request fails for it. */
  private volatile boolean holdsMemory;

  /** The poller thread's own part; made by it. */
  private @Nullable Submitter submitter;

  private @Nullable RegisteredFiles files;
  private @Nullable RegisteredBuffers buffers;

  private Poller(String name, RingOptions options, RingMaker maker) {
    this.options = options;
    this.maker = maker;
    thread = new PollerThread(this, name);
  }

  /**
   * Starts a poller and waits until its ring is there.
   *
   * @param name of the thread
   * @throws NativeException if the kernel has no ring for us: EPERM and ENOSYS say that io_uring is
   *     forbidden or missing
   */
  public static Poller start(String name, RingOptions options) {
    return start(name, options, Ring::new);
  }

  static Poller start(String name, RingOptions options, RingMaker maker) {
    Poller poller = new Poller(name, options, maker);
    poller.thread.start();
    try {
      poller.started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof NativeException refused) {
        throw refused;
      }
      throw e;
    }
    return poller;
  }

  /** The poller whose thread the caller is, or null. */
  public static @Nullable Poller current() {
    return Thread.currentThread() instanceof PollerThread own ? own.poller : null;
  }

  /** Whether the caller is the poller thread. */
  public boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  /** Whether the kernel knows the operation. */
  public boolean supports(int opcode) {
    return started.join().probe().supports(opcode);
  }

  /** SETUP_* flags in use. */
  public int flags() {
    return started.join().flags();
  }

  /** SETUP_* flags in use, by name. */
  public String flagNames() {
    return RingSetup.names(flags());
  }

  /**
   * Gives an item to its receiver on the poller thread. Waits while the queue is full, which it is
   * when as many operations are in flight as the ring may have. Not for the poller thread.
   *
   * @return false if the poller is closed; the item is then the caller's still
   */
  public <T> boolean handOver(Receiver<T> receiver, T item) {
    HandOver.Outcome outcome = handOver.offer(receiver, item);
    while (outcome == HandOver.Outcome.FULL) {
      wakeUp.raise();
      handOver.awaitRoom();
      outcome = handOver.offer(receiver, item);
    }
    wakeUp.raise();
    return outcome == HandOver.Outcome.TAKEN;
  }

  /**
   * Runs a task on the poller thread, even while no operation can be handed over. For what is rare:
   * it allocates.
   *
   * @return false if the poller is closed and the task will not run
   */
  public boolean execute(Runnable task) {
    tasks.add(task);
    wakeUp.raiseForTask();
    return state != State.CLOSED || !tasks.remove(task);
  }

  /**
   * Whether the ring failed while operations were in flight. Nobody learns when the kernel is done
   * with their memory: it must never be freed, nor reused for anything that matters.
   */
  public boolean mayHoldMemory() {
    return holdsMemory;
  }

  /** Submits an operation with the next enter, or once there is room. Poller thread. */
  public void submit(RingOperation operation) {
    submitter().submit(operation);
  }

  /**
   * Submits operations of which each starts when the one before it has succeeded; after a failure
   * the others complete with ECANCELED. A short transfer counts as one. Poller thread.
   *
   * @throws IllegalArgumentException if the chain is longer than the submission queue
   */
  public void submitLinked(RingOperation... chain) {
    submitter().submitLinked(chain);
  }

  /** Submits an operation that completes with ECANCELED if it takes longer. Poller thread. */
  public void submitWithin(RingOperation operation, long timeoutNanos) {
    submitter().submitWithin(operation, timeoutNanos);
  }

  /**
   * Asks the kernel to end an operation early. It completes in any case, with ECANCELED or, where
   * it could not be stopped, with its result. Poller thread.
   */
  public void cancel(RingOperation operation) {
    submitter().cancel(operation);
  }

  /** Descriptors registered with the ring. Poller thread. */
  public RegisteredFiles files() {
    return own(files);
  }

  /** Memory registered with the ring. Poller thread. */
  public RegisteredBuffers buffers() {
    return own(buffers);
  }

  /** Operations in flight or waiting for room, without the poller's own. Poller thread. */
  public int unfinished() {
    return submitter().unfinished();
  }

  /**
   * Stops taking work, cancels what is in flight, waits until every operation has completed, and
   * frees the ring. Idempotent. Not for the poller thread.
   */
  @Override
  public void close() {
    if (isCurrentThread()) {
      throw new IllegalStateException("a poller cannot be closed from its own thread");
    }
    boolean unused = execute(this::beginClosing);
    Uninterruptibly.join(thread);
  }

  private void beginClosing() {
    if (state == State.RUNNING) {
      state = State.CLOSING;
      handOver.close();
      submitter().shutDown();
    }
  }

  private Submitter submitter() {
    assert isCurrentThread() : "called by " + Thread.currentThread();
    return own(submitter);
  }

  private static <T> T own(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the poller has no ring yet");
    }
    return part;
  }

  private void run() {
    try (Ring ring = maker.make(options);
        Submitter made = new Submitter(ring, options.operations(), wakeUp)) {
      submitter = made;
      files = new RegisteredFiles(ring.fd());
      buffers = new RegisteredBuffers(ring.fd());
      if (ring.has(Uring.SETUP_IOPOLL)) {
        wakeUp.byUnpark(thread);
      }
      started.complete(ring);
      serve(ring, made);
    } catch (NativeException e) {
      if (!started.completeExceptionally(e)) {
        throw e;
      }
    } finally {
      state = State.CLOSED;
      handOver.close();
      boolean unused = runTasks();
      wakeUp.close();
    }
  }

  private void serve(Ring ring, Submitter own) {
    try {
      loop(ring, own);
    } catch (RuntimeException | Error e) {
      // Whatever it was, nobody may wait for a completion that never comes.
      LOG.error("{}: {} is lost, with {}", thread.getName(), ring, own, e);
      serveWithoutRing(ring, own);
    }
  }

  private void serveWithoutRing(Ring ring, Submitter own) {
    wakeUp.byUnpark(thread);
    for (int left = ring.completions().ready(); left > 0; left--) {
      boolean unused = reap(ring.completions(), own);
    }
    holdsMemory = own.room() < options.operations();
    own.fail();
    while (true) {
      boolean worked = handOver.drain(DRAIN_MAX) > 0;
      worked |= runTasks();
      worked |= own.abandonWaiting();
      if (state == State.CLOSING && own.isFinished() && handOver.isEmpty()) {
        return;
      }
      if (!worked) {
        wakeUp.announceSleep(false);
        if (tasks.isEmpty() && handOver.isEmpty()) {
          LockSupport.park(this);
          // An interrupt that a callback left behind would keep this from parking.
          boolean unused = Thread.interrupted();
        }
        wakeUp.awake();
      }
    }
  }

  private void loop(Ring ring, Submitter own) {
    SpinPolicy spin = new SpinPolicy(options.spins());
    while (true) {
      boolean worked = reap(ring.completions(), own);
      worked |= handOver.drain(Math.min(DRAIN_MAX, own.room())) > 0;
      worked |= runTasks();
      if (state == State.CLOSING) {
        worked |= own.abandonWaiting();
        if (own.isFinished() && handOver.isEmpty()) {
          return;
        }
      }
      own.admitWaiting();
      if (worked) {
        spin.worked();
      }
      if (ring.completions().ready() > 0) {
        if (ring.submissions().pending() > 0) {
          ring.enter(0);
        }
      } else if (own.hasMoreToBegin() || spin.spins()) {
        ring.enter(0);
      } else {
        spin.sleeps();
        sleep(ring, own);
      }
    }
  }

  private void sleep(Ring ring, Submitter own) {
    boolean full = own.room() == 0;
    wakeUp.announceSleep(full);
    boolean work = !tasks.isEmpty() || (!full && !handOver.isEmpty());
    try {
      if (ring.has(Uring.SETUP_IOPOLL) && own.inFlight() == 0 && !work) {
        LockSupport.park(this);
      } else {
        ring.enter(work ? 0 : 1);
      }
    } finally {
      wakeUp.awake();
    }
  }

  /** Runs the callbacks of a batch of completions. */
  private boolean reap(CompletionQueue queue, Submitter own) {
    int batch = Math.clamp(own.inFlight() / BATCHES_IN_FLIGHT, 1, BATCH_MAX);
    int count = Math.min(batch, queue.ready());
    for (int i = 0; i < count; i++) {
      own.complete(queue.userData(i), queue.result(i), queue.flags(i));
    }
    if (count > 0) {
      queue.consume(count);
    }
    return count > 0;
  }

  private boolean runTasks() {
    boolean ran = false;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      ran = true;
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        Defects.report(e);
      }
    }
    return ran;
  }
}
