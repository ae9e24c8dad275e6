package dev.dioring.ext4lite.journal;

/** Waiting for the end of a thread that ends by itself. */
final class Joining {
  private Joining() {}

  /** Waits; an interrupt stays pending. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
