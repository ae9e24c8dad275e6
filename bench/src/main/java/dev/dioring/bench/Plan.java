package dev.dioring.bench;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a job does next, and when it stops. Any thread of the job may ask; asking neither locks nor
 * allocates.
 */
final class Plan {
  private final JobSpec spec;
  private final long blocks;
  private final BlockOrder order;
  private final long mixSeed;

  /** I/Os given out; numbers the visits of a random job. */
  private final AtomicLong issued = new AtomicLong();

  /** Blocks given out in sequence, for reads and for writes. */
  private final AtomicLong nextRead = new AtomicLong();

  private final AtomicLong nextWrite = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private volatile long deadlineNanos = Long.MAX_VALUE;
  private volatile boolean stopped;

  Plan(JobSpec spec, int jobNumber, long sizeBytes) {
    this.spec = spec;
    blocks = sizeBytes / spec.bs();
    long seed = BlockOrder.mix(spec.randseed()) + jobNumber;
    order = new BlockOrder(blocks, seed, !spec.norandommap());
    mixSeed = BlockOrder.mix(seed);
  }

  /** Number of different blocks. */
  long blocks() {
    return blocks;
  }

  /** Stops a job that runs for a time. */
  void deadline(long nanoTime) {
    deadlineNanos = nanoTime;
  }

  /** Gives out no more. */
  void stop() {
    stopped = true;
  }

  /** Sets the turn's next action. @return false when there is none */
  boolean next(Turn turn, long now) {
    if (stopped || now - deadlineNanos >= 0) {
      return false;
    }
    if (turn.syncDue) {
      turn.syncDue = false;
      turn.action = Turn.Action.SYNC;
      return true;
    }
    long number = issued.getAndIncrement();
    if (!spec.timeBased() && number >= blocks) {
      return false;
    }
    boolean write = writes(number);
    if (write && spec.fsync() > 0) {
      turn.syncDue = writes.incrementAndGet() % spec.fsync() == 0;
    }
    turn.action = write ? Turn.Action.WRITE : Turn.Action.READ;
    turn.byteOffset = spec.offset() + block(number, write) * spec.bs();
    return true;
  }

  private boolean writes(long number) {
    if (!spec.pattern().mixed()) {
      return spec.pattern().writes;
    }
    long percent = Math.unsignedMultiplyHigh(BlockOrder.mix(mixSeed + number), 100);
    return percent >= spec.rwmixread();
  }

  private long block(long number, boolean write) {
    if (spec.pattern().random) {
      return order.block(number);
    }
    return (write ? nextWrite : nextRead).getAndIncrement() % blocks;
  }
}
