package dev.dioring.engine.threads;

/**
 * What is needed is not in memory, and the thread may not wait for it ({@link Waiting}). It ends an
 * attempt that changed nothing, which is made again by a thread that may wait. Such an attempt
 * costs a read of the disk anyway; the exception has no trace.
 */
public final class WouldWaitException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WouldWaitException() {
    super("the thread may not wait", null, false, false);
  }
}
