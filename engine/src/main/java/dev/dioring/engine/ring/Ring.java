package dev.dioring.engine.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.CallState;
import dev.dioring.bindings.Cqe;
import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoUringCalls;
import dev.dioring.bindings.IoUringParams;
import dev.dioring.bindings.IoUringProbe;
import dev.dioring.bindings.IoUringResources;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Mmap;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One io_uring: its queues in shared memory and the enter call. Confined to the thread that made
 * it, as SINGLE_ISSUER asks.
 */
class Ring implements AutoCloseable {
  private static final long RINGS_OFFSET = 0;
  private static final long SQES_OFFSET = 0x1000_0000L;

  private final Arena arena = Arena.ofConfined();
  private final CallState callState = CallState.create();
  private final int fd;
  private final int flags;
  private final IoUringProbe probe;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;

  /** The descriptor for enter: the ring's own, or its index with ENTER_REGISTERED_RING. */
  private int enterFd;

  private int enterFlags;

  /**
   * Sets up and maps a ring.
   *
   * @throws NativeException if the kernel has no ring for us
   */
  Ring(RingOptions options) {
    IoUringParams params = new IoUringParams(arena);
    fd = RingSetup.open(options, params);
    flags = params.flags();
    try {
      if ((params.features() & Uring.FEAT_NODROP) == 0) {
        throw new NativeException(
            "io_uring that never drops completions (Linux 5.5)", Errno.ENOSYS);
      }
      // One mapping holds both queues: FEAT_SINGLE_MMAP is older than FEAT_NODROP.
      MemorySegment rings = Mmap.file(arena, fd, RINGS_OFFSET, ringsBytes(params));
      long sqesBytes =
          (long) params.sqEntries() * (has(Uring.SETUP_SQE128) ? Sqe.WIDE_BYTES : Sqe.BYTES);
      MemorySegment sqes = Mmap.file(arena, fd, SQES_OFFSET, sqesBytes);
      submissions = new SubmissionQueue(params, rings, sqes);
      completions = new CompletionQueue(params, rings);
      if (hasIndexArray()) {
        fillIndexArray(params, rings);
      }
      // A filter may allow the one call and deny the other.
      int entered = IoUringCalls.enter(callState, fd, 0, 0, 0, MemorySegment.NULL, 0);
      if (entered < 0 && !passes(entered)) {
        throw new NativeException("io_uring_enter", -entered);
      }
    } catch (NativeException e) {
      close();
      throw e;
    }
    probe = new IoUringProbe(fd);
    enterFd = fd;
    enterByIndex();
  }

  final SubmissionQueue submissions() {
    return submissions;
  }

  final CompletionQueue completions() {
    return completions;
  }

  final int fd() {
    return fd;
  }

  /** SETUP_* flags in use. */
  final int flags() {
    return flags;
  }

  final boolean has(int setupFlag) {
    return (flags & setupFlag) != 0;
  }

  final IoUringProbe probe() {
    return probe;
  }

  /**
   * Submits what is pending, lets the kernel post completions, overflown ones included, and waits
   * for some. Entries that the kernel did not take stay pending.
   *
   * @param minComplete completions to wait for; 0 does not wait
   * @throws NativeException for a failure that trying again would not pass
   */
  final void enter(int minComplete) {
    submissions.publish();
    int result = has(Uring.SETUP_SQPOLL) ? enterPolled(minComplete) : enterPlain(minComplete);
    if (result < 0 && !passes(result)) {
      throw new NativeException("io_uring_enter", -result);
    }
  }

  @Override
  public final void close() {
    int unused = LinuxFiles.close(fd);
    arena.close();
    callState.close();
  }

  @Override
  public final String toString() {
    return "ring "
        + fd
        + " ("
        + RingSetup.names(flags)
        + "): "
        + submissions.pending()
        + " to submit, "
        + completions.ready()
        + " to reap";
  }

  /** With DEFER_TASKRUN completions appear only inside a call that asks for events. */
  private int enterPlain(int minComplete) {
    return enterKernel(submissions.pending(), minComplete, Uring.ENTER_GETEVENTS);
  }

  private int enterPolled(int minComplete) {
    // The kernel thread sets NEED_WAKEUP and then looks at the tail once more; the fence keeps our
    // tail store before our load of the flags, so one of the two sees the other.
    VarHandle.fullFence();
    int sqFlags = submissions.flags();
    int wanted = 0;
    if ((sqFlags & Uring.SQ_NEED_WAKEUP) != 0 && submissions.pending() > 0) {
      wanted |= Uring.ENTER_SQ_WAKEUP;
    }
    if (minComplete > 0 || (sqFlags & Uring.SQ_CQ_OVERFLOW) != 0 || has(Uring.SETUP_IOPOLL)) {
      wanted |= Uring.ENTER_GETEVENTS;
    }
    return wanted == 0 ? 0 : enterKernel(submissions.pending(), minComplete, wanted);
  }

  /** The system call; tests inject its failures here. @return entries taken or {@code -errno} */
  int enterKernel(int toSubmit, int minComplete, int how) {
    return IoUringCalls.enter(
        callState, enterFd, toSubmit, minComplete, enterFlags | how, MemorySegment.NULL, 0);
  }

  /**
   * Interrupted by a signal; out of memory for requests until some complete; completions overflown
   * on kernels that then refuse to submit. After reaping, the next enter goes on.
   */
  private static boolean passes(int result) {
    return result == -Errno.EINTR || result == -Errno.EAGAIN || result == -Errno.EBUSY;
  }

  private boolean hasIndexArray() {
    return !has(Uring.SETUP_NO_SQARRAY);
  }

  /** Entry i of the queue is always entry i of the array of entries. */
  private static void fillIndexArray(IoUringParams params, MemorySegment rings) {
    MemorySegment array =
        rings.asSlice(params.sqArrayOffset(), (long) params.sqEntries() * Integer.BYTES);
    for (int i = 0; i < params.sqEntries(); i++) {
      array.setAtIndex(JAVA_INT, i, i);
    }
  }

  private long ringsBytes(IoUringParams params) {
    long cqEnd = params.cqCqesOffset() + (long) params.cqEntries() * Cqe.BYTES;
    long arrayEnd = params.sqArrayOffset() + (long) params.sqEntries() * Integer.BYTES;
    return hasIndexArray() ? Math.max(cqEnd, arrayEnd) : cqEnd;
  }

  /** Spares the kernel the descriptor's reference count in a threaded process. */
  private void enterByIndex() {
    int index = IoUringResources.ownDescriptor(fd);
    if (index >= 0) {
      enterFd = index;
      enterFlags = Uring.ENTER_REGISTERED_RING;
    }
  }
}
