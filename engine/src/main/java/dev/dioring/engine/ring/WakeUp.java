package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.Events;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the poller out of its wait in the kernel: an event counter that the ring watches, raised
 * only by the first of those who find the poller asleep.
 *
 * <p>The watch is a poll that reports every raise and never ends. Before Linux 5.13 there is none;
 * there the watch is a read of the counter, begun anew after each raise.
 */
final class WakeUp extends RingOperation {
  static final int AWAKE = 0;

  /** Anything wakes the poller. */
  private static final int ASLEEP = 1;

  /** The poller has no room for items, so that only a task wakes it. */
  private static final int ASLEEP_FULL = 2;

  /** Anything wakes the poller, by unparking it. */
  private static final int PARKED = 3;

  private static final int POLLIN = 1;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(WakeUp.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Arena arena = Arena.ofShared();
  private final MemorySegment counter = arena.allocate(JAVA_LONG);
  private final int eventFd;

  /** Set by the poller around a wait, and set back by whoever is going to raise the counter. */
  private volatile int state = AWAKE;

  /**
   * The poller to unpark, where its ring cannot watch the counter. The poller sets it while it is
   * awake, and only who saw it {@link #PARKED} looks: who claimed the wake-up of a wait in the
   * kernel raises the counter, however late, as the poller counts on that.
   */
  private @Nullable Thread parked;

  // Poller thread.
  private boolean byRead;
  private boolean ended;

  /** Whether a ring that failed may still read the counter into our memory. */
  private boolean lost;

  /** Raises that producers took upon themselves, and those that were read from the counter. */
  private long raisesClaimed;

  private long raisesTaken;

  /**
   * Makes the counter.
   *
   * @throws NativeException if there is no descriptor left
   */
  WakeUp() {
    eventFd = Events.create();
    if (eventFd < 0) {
      arena.close();
      throw new NativeException("eventfd", -eventFd);
    }
  }

  /**
   * Wakes this thread by unparking it from now on: a ring with IOPOLL can watch nothing, and a ring
   * that failed watches no more. Poller thread.
   */
  void byUnpark(Thread poller) {
    parked = poller;
    ended = true;
    lost = byRead && isWatching();
  }

  /**
   * Says that the poller is about to wait. It must look for work once more before it does: the
   * fence orders this before that look, as {@link #raise} orders the work before its look at the
   * state, so either the poller sees the work or the producer sees it asleep.
   *
   * @param full whether items would find no room
   */
  void announceSleep(boolean full) {
    STATE.setVolatile(this, parked != null ? PARKED : full ? ASLEEP_FULL : ASLEEP);
    VarHandle.fullFence();
  }

  /** The poller waits no longer. */
  void awake() {
    if ((int) STATE.getAndSet(this, AWAKE) == AWAKE && parked == null) {
      raisesClaimed++;
    }
  }

  /** Wakes the poller if it sleeps for want of items. Any thread, after it published an item. */
  void raise() {
    VarHandle.fullFence();
    int seen = state;
    if ((seen == ASLEEP || seen == PARKED) && STATE.compareAndSet(this, seen, AWAKE)) {
      wake(seen);
    }
  }

  /** Wakes the poller if it sleeps at all. Any thread, after it published a task. */
  void raiseForTask() {
    wake(claim());
  }

  /**
   * Takes it upon the caller to wake the poller, if it sleeps.
   *
   * @return for {@link #wake}, which must follow
   */
  int claim() {
    VarHandle.fullFence();
    return state == AWAKE ? AWAKE : (int) STATE.getAndSet(this, AWAKE);
  }

  /** Wakes the poller out of the state that the caller claimed. */
  void wake(int claimed) {
    if (claimed == PARKED) {
      LockSupport.unpark(parked);
    } else if (claimed != AWAKE) {
      int unused = Events.raise(eventFd);
    }
  }

  /** Whether the watch has to be submitted. Poller thread. */
  boolean wantsWatch() {
    return slot == NO_SLOT && !ended;
  }

  /** Whether the kernel has the watch. Poller thread. */
  boolean isWatching() {
    return slot != NO_SLOT;
  }

  /** The watch is not begun again. Poller thread. @return whether this ended it */
  boolean end() {
    boolean ends = !ended;
    ended = true;
    return ends;
  }

  /** Frees the counter, after its watch has ended. Poller thread. */
  void close() {
    if (lost) {
      return;
    }
    // A producer that claimed a raise may be about to write: the descriptor stays until it has.
    while (raisesTaken < raisesClaimed) {
      raisesTaken += Math.max(0, Events.take(eventFd));
    }
    int unused = LinuxFiles.close(eventFd);
    arena.close();
  }

  @Override
  protected void prepare(MemorySegment sqes, long at) {
    if (byRead) {
      Sqe.transfer(sqes, at, Uring.OP_READ, eventFd, counter.address(), Long.BYTES, 0);
    } else {
      Sqe.pollAdd(sqes, at, eventFd, POLLIN, true);
    }
  }

  @Override
  protected void completed(int result, int flags) {
    if (!byRead) {
      byRead = result < 0 && !ended;
    } else if (result == Long.BYTES) {
      raisesTaken += counter.get(JAVA_LONG, 0);
    }
  }

  @Override
  public String toString() {
    return "wake-up";
  }
}
