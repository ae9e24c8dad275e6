package dev.dioring.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One of the I/Os that a job keeps in flight, again and again. Between two operations it belongs to
 * the thread that completed the last one.
 */
final class Turn {
  /** What a turn does next. */
  enum Action {
    READ(0),
    WRITE(1),
    SYNC(2);

    static final int COUNT = 3;

    /** Position in arrays with an element for each action. */
    final int index;

    Action(int index) {
      this.index = index;
    }
  }

  /** Starts the turn's action; {@link #completed} is called exactly once for it, on any thread. */
  interface Issuer {
    void issue(Turn turn);
  }

  private static final int ISSUING = 0;
  private static final int UNDER_WAY = 1;
  private static final int ENDED = 2;

  final Job job;
  final Recorder recorder;
  final MemorySegment memory;

  /** The same memory, for calls that know only buffers. */
  final ByteBuffer buffer;

  private final boolean tellsSubmission;

  Action action = Action.READ;
  long byteOffset;
  boolean syncDue;
  long startNanos;
  long queuedNanos;
  long endNanos;
  private long result;

  /**
   * Decides who goes on when a completion meets its own submission: whoever comes second. So an I/O
   * that ends inside its submission does not recurse.
   */
  private final AtomicInteger state = new AtomicInteger();

  Turn(Job job, Recorder recorder, MemorySegment memory, boolean tellsSubmission) {
    this.job = job;
    this.recorder = recorder;
    this.memory = memory;
    buffer = memory.asByteBuffer();
    this.tellsSubmission = tellsSubmission && job.spec().slat();
    if (job.spec().pattern().writes) {
      BlockStamp.fill(memory, job.spec().randseed());
    }
  }

  /** Runs until an I/O is under way or the job has no more. */
  void drive(Issuer issuer, long from) {
    long now = from;
    while (prepare(now)) {
      state.setPlain(ISSUING);
      issuer.issue(this);
      if (tellsSubmission) {
        queuedNanos = System.nanoTime();
      }
      if (state.compareAndSet(ISSUING, UNDER_WAY)) {
        return;
      }
      now = finish();
    }
    job.left(now);
  }

  /** Ends the action that was issued, and goes on with the next. */
  void completed(Issuer issuer, long result) {
    this.result = result;
    endNanos = System.nanoTime();
    if (!state.compareAndSet(ISSUING, ENDED)) {
      drive(issuer, finish());
    }
  }

  /** Sets up the next action of a turn that blocks or drives itself. @return false at the end */
  boolean prepare(long now) {
    if (!job.plan().next(this, now)) {
      return false;
    }
    startNanos = now;
    queuedNanos = now;
    if (action == Action.WRITE && job.spec().verify()) {
      BlockStamp.stamp(memory, byteOffset);
    }
    return true;
  }

  /** Ends a blocking action. @return the time now */
  long finishBlocking(long result) {
    this.result = result;
    endNanos = System.nanoTime();
    return finish();
  }

  private long finish() {
    long end = endNanos;
    recorder.seen(action);
    if (result < 0) {
      job.failed(this, result);
    } else if (job.measures(end)) {
      recorder.record(this, result, job.spec().bs());
    }
    if (action == Action.READ && result > 0 && job.spec().verify()) {
      verify();
    }
    return end;
  }

  private void verify() {
    String wrong = BlockStamp.check(memory, byteOffset);
    if (wrong != null) {
      job.failed("verify: the block at " + byteOffset + " " + wrong);
    }
  }
}
