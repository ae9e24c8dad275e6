package dev.dioring.engine.threads;

import java.util.concurrent.locks.Lock;

/**
 * Whether the calling thread may wait until something has been read. A thread that serves a queue
 * may not, as all requests behind the one it serves would wait too; it forbids that for attempts
 * that only look, and that so can be given up anywhere.
 */
public final class Waiting {
  /** One element: whether it is forbidden. The array spares a second look-up to change it. */
  private static final ThreadLocal<boolean[]> FORBIDDEN =
      ThreadLocal.withInitial(() -> new boolean[1]);

  private Waiting() {}

  /** Forbids it to this thread, or permits it again. @return what it was before */
  public static boolean forbid(boolean forbidden) {
    boolean[] state = FORBIDDEN.get();
    boolean before = state[0];
    state[0] = forbidden;
    return before;
  }

  /** Stands before what waits for a read. @throws WouldWaitException if that is forbidden */
  public static void begins() {
    if (isForbidden()) {
      throw new WouldWaitException();
    }
  }

  /** What a thread throws that must never wait for what comes next, forbidden or not. */
  public static WouldWaitException refused() {
    return new WouldWaitException();
  }

  /** Takes a lock that may be held while something is read. @throws WouldWaitException if it is */
  public static void lock(Lock lock) {
    if (!isForbidden()) {
      lock.lock();
    } else if (!lock.tryLock()) {
      throw new WouldWaitException();
    }
  }

  /** Whether {@link WouldWaitException} is to be thrown instead. */
  public static boolean isForbidden() {
    return FORBIDDEN.get()[0];
  }
}
