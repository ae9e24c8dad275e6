package dev.dioring.engine.ring;

/** Where exceptions of callbacks go, which may throw none. */
final class Defects {
  private Defects() {}

  /** Tells the thread's handler, which prints by default, and lets the thread go on. */
  static void report(Throwable defect) {
    Thread thread = Thread.currentThread();
    thread.getUncaughtExceptionHandler().uncaughtException(thread, defect);
  }
}
