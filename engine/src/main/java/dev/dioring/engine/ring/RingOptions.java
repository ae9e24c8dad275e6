package dev.dioring.engine.ring;

/**
 * What is wished of a ring; the kernel's refusals degrade it flag by flag.
 *
 * @param operations operations in flight at most, and entries of the submission queue
 * @param sqPoll a kernel thread takes submissions, without system calls
 * @param ioPoll completions are polled from the device; only for O_DIRECT on devices that can
 * @param spins enters without waiting before the poller goes to sleep
 * @param withoutFlags SETUP_* flags not to use even where the kernel has them
 */
public record RingOptions(
    int operations, boolean sqPoll, boolean ioPoll, int spins, int withoutFlags) {
  /** Kernel threads that poll a submission queue sleep after this long without work. */
  static final int SQ_THREAD_IDLE_MILLIS = 50;

  private static final int OPERATIONS_MAX = 4096;

  public RingOptions {
    if (operations < 1 || operations > OPERATIONS_MAX) {
      throw new IllegalArgumentException(
          "operations in flight must be from 1 to " + OPERATIONS_MAX + ", not " + operations);
    }
  }

  /** The defaults for a number of operations in flight. */
  public static RingOptions of(int operations) {
    return new RingOptions(operations, false, false, 0, 0);
  }

  public RingOptions withSqPoll(boolean on) {
    return new RingOptions(operations, on, ioPoll, spins, withoutFlags);
  }

  public RingOptions withIoPoll(boolean on) {
    return new RingOptions(operations, sqPoll, on, spins, withoutFlags);
  }

  public RingOptions withSpins(int count) {
    return new RingOptions(operations, sqPoll, ioPoll, count, withoutFlags);
  }

  /** Leaves out flags, as an older kernel would. */
  public RingOptions without(int setupFlags) {
    return new RingOptions(operations, sqPoll, ioPoll, spins, setupFlags);
  }
}
