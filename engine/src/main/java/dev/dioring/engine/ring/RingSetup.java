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
  /** A flag, its name, and the flags that make no sense without it. */
  private enum Wish {
    NO_SQARRAY(Uring.SETUP_NO_SQARRAY),
    DEFER_TASKRUN(Uring.SETUP_DEFER_TASKRUN),
    SINGLE_ISSUER(Uring.SETUP_SINGLE_ISSUER),
    COOP_TASKRUN(Uring.SETUP_COOP_TASKRUN),
    TASKRUN_FLAG(Uring.SETUP_TASKRUN_FLAG),
    SUBMIT_ALL(Uring.SETUP_SUBMIT_ALL),
    SQPOLL(Uring.SETUP_SQPOLL),
    IOPOLL(Uring.SETUP_IOPOLL),
    CQSIZE(Uring.SETUP_CQSIZE),
    CLAMP(Uring.SETUP_CLAMP);

    final int flag;

    Wish(int flag) {
      this.flag = flag;
    }
  }

  private static final int[] GIVEN_UP_IN_ORDER = {
    Uring.SETUP_NO_SQARRAY,
    Uring.SETUP_DEFER_TASKRUN,
    Uring.SETUP_SINGLE_ISSUER,
    Uring.SETUP_TASKRUN_FLAG,
    Uring.SETUP_COOP_TASKRUN,
    Uring.SETUP_SUBMIT_ALL,
    Uring.SETUP_CQSIZE,
    Uring.SETUP_CLAMP
  };

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
    int cqEntries = Integer.highestOneBit(options.operations()) * 4;
    for (int next = 0; ; next++) {
      params.ask(flags, cqEntries, RingOptions.SQ_THREAD_IDLE_MILLIS);
      int fd = IoUringCalls.setup(options.operations() + Ring.RESERVED_ENTRIES, params.segment());
      if (fd >= 0) {
        return fd;
      }
      if (fd != -Errno.EINVAL || next == GIVEN_UP_IN_ORDER.length) {
        throw new NativeException("io_uring_setup", -fd);
      }
      flags &= ~GIVEN_UP_IN_ORDER[next];
    }
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

  private static int wished(RingOptions options) {
    int flags =
        Uring.SETUP_CLAMP
            | Uring.SETUP_CQSIZE
            | Uring.SETUP_SUBMIT_ALL
            | Uring.SETUP_SINGLE_ISSUER
            | Uring.SETUP_NO_SQARRAY;
    if (options.sqPoll()) {
      flags |= Uring.SETUP_SQPOLL;
    } else {
      flags |= Uring.SETUP_COOP_TASKRUN | Uring.SETUP_DEFER_TASKRUN;
    }
    if (options.ioPoll()) {
      flags |= Uring.SETUP_IOPOLL;
    }
    flags &= ~options.withoutFlags();
    if ((flags & Uring.SETUP_SINGLE_ISSUER) == 0) {
      flags &= ~Uring.SETUP_DEFER_TASKRUN;
    }
    return flags;
  }
}
