package dev.dioring.engine.ring;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.KernelTimespec;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operations on their way through a ring: waiting for room, in the kernel, completed. Confined to
 * the poller thread.
 */
final class Submitter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Submitter.class);

  /** User data of an entry whose completion concerns nobody, a time limit's: no index is -1. */
  private static final long NOBODY = -1;

  /** Places beside the users' for the poller's own, so that a cancel always finds one. */
  private static final int OWN_MAX = 16;

  private final SubmissionQueue queue;
  private final MemorySegment sqes;
  private final OperationTable table;
  private final WakeUp wakeUp;

  /** Users' operations that found no room. */
  private final WaitingList waiting = new WaitingList();

  /** Cancellations that found no room; they go first. */
  private final WaitingList urgent = new WaitingList();

  private final Arena arena = Arena.ofConfined();

  /** A time limit per submission entry, made when first needed; the kernel copies it on entry. */
  private final @Nullable KernelTimespec[] limits;

  private final int operationsMax;
  private int waitingCount;
  private int cancellationsInFlight;
  private boolean closing;
  private boolean failed;

  Submitter(Ring ring, int operations, WakeUp wakeUp) {
    queue = ring.submissions();
    sqes = queue.sqes();
    operationsMax = operations;
    table = new OperationTable(operations + OWN_MAX);
    limits = new KernelTimespec[queue.entries()];
    this.wakeUp = wakeUp;
  }

  /** How many more users' operations may be in flight. */
  int room() {
    return operationsMax - (table.size() - own());
  }

  /** Operations that the kernel has. */
  int inFlight() {
    return table.size();
  }

  /** Users' operations in the kernel or waiting. */
  int unfinished() {
    return table.size() - own() + waitingCount;
  }

  void submit(RingOperation operation) {
    if (waiting.isEmpty() && !closing && hasRoom(operation)) {
      begin(operation);
    } else {
      waiting.add(operation);
      waitingCount++;
    }
  }

  void submitLinked(RingOperation[] chain) {
    if (chain.length == 0 || chain.length > queue.entries()) {
      throw new IllegalArgumentException(
          chain.length + " linked operations for a queue of " + queue.entries());
    }
    for (int i = 0; i + 1 < chain.length; i++) {
      chain[i].linked = chain[i + 1];
    }
    submit(chain[0]);
  }

  void submitWithin(RingOperation operation, long timeoutNanos) {
    if (timeoutNanos <= 0 || queue.entries() < 2) {
      throw new IllegalArgumentException(
          "a limit of " + timeoutNanos + " ns on a queue of " + queue.entries());
    }
    operation.timeoutNanos = timeoutNanos;
    submit(operation);
  }

  void cancel(RingOperation operation) {
    if (operation.slot != RingOperation.NO_SLOT && !failed) {
      urgent.add(new Cancellation(table.userData(operation)));
    } else if (waiting.remove(operation)) {
      abandon(operation, -Errno.ECANCELED);
    }
  }

  /** Begins what found no room before, as far as there is some now. */
  void admitWaiting() {
    if (wakeUp.wantsWatch() && hasRoomForOwn()) {
      begin(wakeUp);
    }
    while (!urgent.isEmpty() && hasRoomForOwn()) {
      cancellationsInFlight++;
      begin(urgent.remove());
    }
    while (!closing && !waiting.isEmpty() && hasRoom(waiting.first())) {
      waitingCount--;
      begin(waiting.remove());
    }
  }

  /** One completion entry. */
  void complete(long userData, int result, int flags) {
    if (userData == NOBODY) {
      return;
    }
    RingOperation operation = table.get(userData);
    if (operation == null) {
      LOG.error("a completion with result {} for {}, which nobody has", result, userData);
      return;
    }
    if ((flags & Uring.CQE_F_MORE) == 0) {
      table.remove(operation);
    }
    notify(operation, result, flags);
  }

  /** Begins nothing more and cancels everything. */
  void shutDown() {
    closing = true;
    abandonWaiting();
    table.forEach(
        operation -> {
          if (operation != wakeUp && !(operation instanceof Cancellation)) {
            cancel(operation);
          }
        });
  }

  /**
   * The ring is lost: what the kernel has completes with EIO, since nobody will learn what becomes
   * of it. What waits is for {@link #abandonWaiting}.
   */
  void fail() {
    closing = true;
    failed = true;
    while (!urgent.isEmpty()) {
      urgent.remove();
    }
    table.forEach(
        operation -> {
          table.remove(operation);
          notify(operation, -Errno.EIO, 0);
        });
  }

  /** After {@link #shutDown} or {@link #fail}: whether the kernel has nothing any more. */
  boolean isFinished() {
    if (failed) {
      return waiting.isEmpty();
    }
    if (unfinished() == 0 && wakeUp.end()) {
      cancel(wakeUp);
    }
    return table.size() == 0 && urgent.isEmpty() && waiting.isEmpty();
  }

  /**
   * Whether the next pass has something to begin, as soon as the kernel has taken entries. The
   * watch is such: users' operations may have filled the queue before it, and a poller that waits
   * without it is woken by nobody.
   */
  boolean hasMoreToBegin() {
    if (!urgent.isEmpty() || wakeUp.wantsWatch()) {
      return own() < OWN_MAX;
    }
    return !waiting.isEmpty() && (closing || room() >= waiting.first().entries());
  }

  @Override
  public void close() {
    arena.close();
  }

  @Override
  public String toString() {
    return table + " " + waitingCount + " waiting";
  }

  private boolean hasRoom(RingOperation operation) {
    int entries = operation.isPlain() ? 1 : operation.entries();
    return room() >= entries && queue.space() >= entries;
  }

  private boolean hasRoomForOwn() {
    return own() < OWN_MAX && queue.space() > 0;
  }

  /** The poller's own operations in the kernel. */
  private int own() {
    return cancellationsInFlight + (wakeUp.isWatching() ? 1 : 0);
  }

  private void begin(RingOperation operation) {
    long at = queue.next();
    operation.prepare(sqes, at);
    Sqe.userData(sqes, at, table.add(operation));
    if (!operation.isPlain()) {
      beginLinked(operation, at);
    }
  }

  /** The kernel takes a chain only from one enter; there is room for all of it. */
  private void beginLinked(RingOperation operation, long at) {
    RingOperation following = operation.linked;
    long timeoutNanos = operation.timeoutNanos;
    operation.linked = null;
    operation.timeoutNanos = 0;
    Sqe.addFlags(sqes, at, Uring.SQE_IO_LINK);
    if (timeoutNanos != 0) {
      long limitAt = queue.next();
      Sqe.linkTimeout(sqes, limitAt, limit(limitAt).set(timeoutNanos).address());
      Sqe.userData(sqes, limitAt, NOBODY);
      if (following != null) {
        Sqe.addFlags(sqes, limitAt, Uring.SQE_IO_LINK);
      }
    }
    if (following != null) {
      begin(following);
    }
  }

  private KernelTimespec limit(long at) {
    int entry = queue.numberOf(at);
    KernelTimespec limit = limits[entry];
    if (limit == null) {
      limit = new KernelTimespec(arena);
      limits[entry] = limit;
    }
    return limit;
  }

  /**
   * Completes what was never begun with ESHUTDOWN. Only what waits now: what the callbacks submit
   * waits for the next pass, so that neither this nor they run for ever.
   *
   * @return whether there was something
   */
  boolean abandonWaiting() {
    int count = waitingCount;
    for (int left = count; left > 0 && !waiting.isEmpty(); left--) {
      abandon(waiting.remove(), -Errno.ESHUTDOWN);
    }
    return count > 0;
  }

  private void abandon(RingOperation operation, int result) {
    waitingCount--;
    operation.timeoutNanos = 0;
    RingOperation following = operation.linked;
    operation.linked = null;
    notify(operation, result, 0);
    while (following != null) {
      RingOperation abandoned = following;
      following = abandoned.linked;
      abandoned.linked = null;
      notify(abandoned, result, 0);
    }
  }

  private static void notify(RingOperation operation, int result, int flags) {
    try {
      operation.completed(result, flags);
    } catch (RuntimeException | Error e) {
      // A defect of one caller must not stop everybody's I/O.
      Defects.report(e);
    }
  }

  private final class Cancellation extends RingOperation {
    private final long targetUserData;

    Cancellation(long targetUserData) {
      this.targetUserData = targetUserData;
    }

    @Override
    protected void prepare(MemorySegment sqes, long at) {
      Sqe.cancel(sqes, at, targetUserData, 0);
    }

    /** Whether there was something to cancel shows in the target's own completion. */
    @Override
    protected void completed(int result, int flags) {
      cancellationsInFlight--;
    }

    @Override
    public String toString() {
      return "cancel " + (int) targetUserData;
    }
  }
}
