package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.CallState;
import dev.dioring.bindings.Cqe;
import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoUringCalls;
import dev.dioring.bindings.IoUringParams;
import dev.dioring.bindings.IoUringProbe;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Mmap;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One io_uring: its queues in shared memory and the enter call. Confined to the thread that made
 * it, as SINGLE_ISSUER asks.
 *
 * <p>The kernel reads the submission tail and writes its head; it writes the completion tail and
 * reads its head. Each side publishes its index with release and reads the other's with acquire, so
 * that the entries before an index are seen with it.
 */
final class Ring implements AutoCloseable {
  /** Submission entries beyond the operations: the wake-up's read and a cancellation. */
  static final int RESERVED_ENTRIES = 2;

  private static final long SQ_RING_OFFSET = 0;
  private static final long SQES_OFFSET = 0x1000_0000L;
  private static final VarHandle INDEX = JAVA_INT.varHandle();

  private final Arena arena = Arena.ofConfined();
  private final CallState callState = CallState.create();
  private final int fd;
  private final int flags;
  private final int features;
  private final MemorySegment rings;
  private final MemorySegment sqes;
  private final MemorySegment cqes;
  private final long sqHead;
  private final long sqTail;
  private final long sqFlags;
  private final long cqHead;
  private final long cqTail;
  private final int sqEntries;
  private final int sqMask;
  private final int cqMask;
  private final IoUringProbe probe;

  private int enterFd;
  private int enterFlags;

  /** Tail including entries not yet published, and how far it has been published. */
  private int localTail;

  private int publishedTail;
  private int cqLocalHead;

  Ring(RingOptions options) {
    IoUringParams params = new IoUringParams(arena);
    fd = RingSetup.open(options, params);
    flags = params.flags();
    features = params.features();
    sqEntries = params.sqEntries();
    sqMask = sqEntries - 1;
    cqMask = params.cqEntries() - 1;
    sqHead = params.sqHeadOffset();
    sqTail = params.sqTailOffset();
    sqFlags = params.sqFlagsOffset();
    cqHead = params.cqHeadOffset();
    cqTail = params.cqTailOffset();
    long cqBytes = params.cqCqesOffset() + (long) params.cqEntries() * Cqe.BYTES;
    boolean sqArray = (flags & Uring.SETUP_NO_SQARRAY) == 0;
    long sqBytes = sqArray ? params.sqArrayOffset() + (long) sqEntries * Integer.BYTES : 0;
    // FEAT_SINGLE_MMAP, in every kernel since 5.4: one mapping holds both rings.
    rings = Mmap.file(arena, fd, SQ_RING_OFFSET, Math.max(cqBytes, sqBytes));
    sqes = Mmap.file(arena, fd, SQES_OFFSET, (long) sqEntries * Sqe.BYTES);
    cqes = rings.asSlice(params.cqCqesOffset(), (long) params.cqEntries() * Cqe.BYTES);
    if (sqArray) {
      for (int i = 0; i < sqEntries; i++) {
        rings.setAtIndex(JAVA_INT, params.sqArrayOffset() / Integer.BYTES + i, i);
      }
    }
    probe = new IoUringProbe(fd);
    enterFd = fd;
    registerRingFd();
  }

  /** SETUP_* flags in use. */
  int flags() {
    return flags;
  }

  IoUringProbe probe() {
    return probe;
  }

  int fd() {
    return fd;
  }

  boolean sqPoll() {
    return (flags & Uring.SETUP_SQPOLL) != 0;
  }

  /** FEAT_* bits. */
  int features() {
    return features;
  }

  /** The array of submission entries. */
  MemorySegment sqes() {
    return sqes;
  }

  /** Free submission entries, as far as the kernel has told. */
  int sqSpace() {
    return sqEntries - (localTail - (int) INDEX.getAcquire(rings, sqHead));
  }

  /** Takes the next submission entry, which {@link #sqSpace} showed to be there. */
  long nextSqe() {
    long at = (long) (localTail & sqMask) * Sqe.BYTES;
    localTail++;
    return at;
  }

  /** Entries taken and not yet handed to the kernel. */
  int pending() {
    return localTail - (sqPoll() ? publishedTail : (int) INDEX.getAcquire(rings, sqHead));
  }

  /** Whether completions wait in the queue. */
  boolean hasCompletions() {
    return (int) INDEX.getAcquire(rings, cqTail) != cqLocalHead;
  }

  /** Number of completions that wait in the queue. */
  int completions() {
    return (int) INDEX.getAcquire(rings, cqTail) - cqLocalHead;
  }

  long userDataAt(int index) {
    return Cqe.userData(cqes, (long) ((cqLocalHead + index) & cqMask) * Cqe.BYTES);
  }

  int resultAt(int index) {
    return Cqe.result(cqes, (long) ((cqLocalHead + index) & cqMask) * Cqe.BYTES);
  }

  int flagsAt(int index) {
    return Cqe.flags(cqes, (long) ((cqLocalHead + index) & cqMask) * Cqe.BYTES);
  }

  /** Gives the first {@code count} completion entries back to the kernel. */
  void consume(int count) {
    cqLocalHead += count;
    INDEX.setRelease(rings, cqHead, cqLocalHead);
  }

  /**
   * Submits what is pending, lets the kernel post completions, and waits for some.
   *
   * @param minComplete completions to wait for; 0 does not wait
   * @return 0 or {@code -errno}; EINTR, EAGAIN and EBUSY mean that entries may still be pending
   */
  int enter(int minComplete) {
    INDEX.setRelease(rings, sqTail, localTail);
    publishedTail = localTail;
    if (sqPoll()) {
      return enterSqPoll(minComplete);
    }
    int result =
        IoUringCalls.enter(
            callState,
            enterFd,
            localTail - (int) INDEX.getAcquire(rings, sqHead),
            minComplete,
            enterFlags | Uring.ENTER_GETEVENTS,
            MemorySegment.NULL,
            0);
    return Math.min(result, 0);
  }

  private int enterSqPoll(int minComplete) {
    // The kernel thread sets NEED_WAKEUP and then looks at the tail once more; the fence keeps our
    // tail store before our flag load, so one of the two sees the other.
    VarHandle.fullFence();
    int sq = (int) INDEX.getAcquire(rings, sqFlags);
    int wakeup = (sq & Uring.SQ_NEED_WAKEUP) != 0 ? Uring.ENTER_SQ_WAKEUP : 0;
    boolean getEvents = minComplete > 0 || (sq & Uring.SQ_CQ_OVERFLOW) != 0;
    if (wakeup == 0 && !getEvents) {
      return 0;
    }
    int result =
        IoUringCalls.enter(
            callState,
            enterFd,
            0,
            minComplete,
            enterFlags | wakeup | (getEvents ? Uring.ENTER_GETEVENTS : 0),
            MemorySegment.NULL,
            0);
    return Math.min(result, 0);
  }

  /** Registers a descriptor table or buffers. @return 0 or {@code -errno} */
  int register(int opcode, MemorySegment argument, int count) {
    return IoUringCalls.register(fd, opcode, argument, count);
  }

  @Override
  public void close() {
    int unused = LinuxFiles.close(fd);
    arena.close();
    callState.close();
  }

  /**
   * Entering by a registered index spares the kernel a descriptor look-up in a threaded process.
   */
  private void registerRingFd() {
    int index = RegisteredRing.register(fd);
    if (index >= 0) {
      enterFd = index;
      enterFlags = Uring.ENTER_REGISTERED_RING;
    }
  }

  @Override
  public String toString() {
    return "ring "
        + fd
        + ": "
        + pending()
        + " pending, "
        + completions()
        + " completions, "
        + RingSetup.names(flags);
  }

  /** Whether an enter's failure is passed by trying again after completions were reaped. */
  static boolean passes(int result) {
    return result == 0
        || result == -Errno.EINTR
        || result == -Errno.EAGAIN
        || result == -Errno.EBUSY
        || result == -Errno.ETIME;
  }
}
