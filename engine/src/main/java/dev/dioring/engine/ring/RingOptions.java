package dev.dioring.engine.ring;

/**
 * What is wished of a ring; the kernel's refusals degrade it flag by flag.
 *
 * @param operations operations in flight at most; further ones wait
 * @param sqEntries size of the submission queue, rounded up to a power of two
 * @param cqEntries size of the completion queue, rounded up likewise; what does not fit waits in
 *     the kernel
 * @param sqPoll a kernel thread takes submissions, without system calls
 * @param ioPoll completions are polled from the device; only for O_DIRECT on devices that can
 * @param spins enters without waiting, at most, before the poller goes to sleep; it uses fewer
 *     where spinning does not pay
 * @param wideEntries submission entries of 128 bytes, whose URING_CMD has room for 80 bytes of
 *     command; Linux 5.19, and refused by older ones
 * @param withoutFlags SETUP_* flags not to use even where the kernel has them
 */
public record RingOptions(
    int operations,
    int sqEntries,
    int cqEntries,
    boolean sqPoll,
    boolean ioPoll,
    int spins,
    boolean wideEntries,
    int withoutFlags) {
  /** Kernel threads that poll a submission queue sleep after this long without work. */
  static final int SQ_THREAD_IDLE_MILLIS = 50;

  private static final int OPERATIONS_MAX = 16 << 10;
  private static final int SQ_ENTRIES = 256;

  /** On a disk that answers in 70 us, spinning gained no requests and cost 6 % more processor. */
  private static final int SPINS = 0;

  public RingOptions {
    if (operations < 1 || operations > OPERATIONS_MAX) {
      throw new IllegalArgumentException(
          "operations in flight must be from 1 to " + OPERATIONS_MAX + ", not " + operations);
    }
    if (sqEntries < 1 || cqEntries < 1 || spins < 0) {
      throw new IllegalArgumentException(
          sqEntries + " submission and " + cqEntries + " completion entries, " + spins + " spins");
    }
  }

  /** The defaults for a number of operations in flight. */
  public static RingOptions of(int operations) {
    return new RingOptions(
        operations,
        Math.min(operations, SQ_ENTRIES),
        Math.max(2 * operations, SQ_ENTRIES),
        false,
        false,
        SPINS,
        false,
        0);
  }

  /** Sizes of the queues, independent of the number of operations. */
  public RingOptions withEntries(int submission, int completion) {
    return new RingOptions(
        operations, submission, completion, sqPoll, ioPoll, spins, wideEntries, withoutFlags);
  }

  public RingOptions withSqPoll(boolean on) {
    return new RingOptions(
        operations, sqEntries, cqEntries, on, ioPoll, spins, wideEntries, withoutFlags);
  }

  public RingOptions withIoPoll(boolean on) {
    return new RingOptions(
        operations, sqEntries, cqEntries, sqPoll, on, spins, wideEntries, withoutFlags);
  }

  public RingOptions withSpins(int count) {
    return new RingOptions(
        operations, sqEntries, cqEntries, sqPoll, ioPoll, count, wideEntries, withoutFlags);
  }

  public RingOptions withWideEntries(boolean on) {
    return new RingOptions(
        operations, sqEntries, cqEntries, sqPoll, ioPoll, spins, on, withoutFlags);
  }

  /** Leaves out flags, as an older kernel would. */
  public RingOptions without(int setupFlags) {
    return new RingOptions(
        operations, sqEntries, cqEntries, sqPoll, ioPoll, spins, wideEntries, setupFlags);
  }
}
