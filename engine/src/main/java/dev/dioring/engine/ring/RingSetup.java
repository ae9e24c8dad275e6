package dev.dioring.engine.ring;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoUringCalls;
import dev.dioring.bindings.IoUringParams;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Uring;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the kernel for a ring with the best flags, and gives up one flag after the other, newest
 * first, where it answers EINVAL.
 */
final class RingSetup {
  /** The flags by name, in the order in which they are given up; the newest are first. */
  private enum Wish {
    NO_SQARRAY(Uring.SETUP_NO_SQARRAY, true),
    DEFER_TASKRUN(Uring.SETUP_DEFER_TASKRUN, true),
    SINGLE_ISSUER(Uring.SETUP_SINGLE_ISSUER, true),
    COOP_TASKRUN(Uring.SETUP_COOP_TASKRUN, true),
    SUBMIT_ALL(Uring.SETUP_SUBMIT_ALL, true),
    CQSIZE(Uring.SETUP_CQSIZE, true),
    CLAMP(Uring.SETUP_CLAMP, true),
    SQPOLL(Uring.SETUP_SQPOLL, false),
    IOPOLL(Uring.SETUP_IOPOLL, false),
    SQE128(Uring.SETUP_SQE128, false);

    final int flag;

    /** Whether a ring without it does the same, only slower; else it is as the options say. */
    final boolean dispensable;

    Wish(int flag, boolean dispensable) {
      this.flag = flag;
      this.dispensable = dispensable;
    }
  }

  private RingSetup() {}

  /**
   * Sets up a ring for the calling thread.
   *
   * @param params receives the kernel's answer
   * @return the ring's descriptor
   * @throws NativeException if the kernel has no ring for us, with ENOSYS, EPERM, ENOMEM...
   */
  static int open(RingOptions options, IoUringParams params) {
    int flags = wished(options);
    int answer = ask(options, flags, params);
    for (Wish wish : Wish.values()) {
      if (answer != -Errno.EINVAL) {
        break;
      }
      if (wish.dispensable && (flags & wish.flag) != 0) {
        flags &= ~wish.flag;
        answer = ask(options, flags, params);
      }
    }
    if (answer < 0) {
      throw new NativeException("io_uring_setup", -answer);
    }
    return answer;
  }

  /** The flags in use, by name, for display. */
  static String names(int flags) {
    List<String> names = new ArrayList<>();
    for (Wish wish : Wish.values()) {
      if ((flags & wish.flag) != 0) {
        names.add(wish.name());
      }
    }
    return String.join(" ", names);
  }

  private static int ask(RingOptions options, int flags, IoUringParams params) {
    int cqEntries = (flags & Uring.SETUP_CQSIZE) != 0 ? options.cqEntries() : 0;
    params.ask(flags, cqEntries, RingOptions.SQ_THREAD_IDLE_MILLIS);
    return IoUringCalls.setup(options.sqEntries(), params.segment());
  }

  private static int wished(RingOptions options) {
    int flags = 0;
    for (Wish wish : Wish.values()) {
      flags |= wish.dispensable ? wish.flag : 0;
    }
    if (options.sqPoll()) {
      // The kernel thread posts completions by itself: nothing is deferred to the poller.
      flags &= ~(Uring.SETUP_COOP_TASKRUN | Uring.SETUP_DEFER_TASKRUN);
      flags |= Uring.SETUP_SQPOLL;
    }
    if (options.ioPoll()) {
      flags |= Uring.SETUP_IOPOLL;
    }
    if (options.wideEntries()) {
      flags |= Uring.SETUP_SQE128;
    }
    flags &= ~options.withoutFlags();
    if ((flags & Uring.SETUP_SINGLE_ISSUER) == 0) {
      flags &= ~Uring.SETUP_DEFER_TASKRUN;
    }
    return flags;
  }
}
