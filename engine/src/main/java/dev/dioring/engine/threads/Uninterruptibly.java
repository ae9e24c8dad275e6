package dev.dioring.engine.threads;

import java.util.concurrent.CountDownLatch;

/** Waits that an interrupt does not cut short; it is pending again afterwards. */
public final class Uninterruptibly {
  private interface Wait {
    void run() throws InterruptedException;
  }

  private Uninterruptibly() {}

  public static void await(CountDownLatch latch) {
    complete(latch::await);
  }

  /** Waits for the end of a thread that ends by itself. */
  public static void join(Thread thread) {
    complete(thread::join);
  }

  private static void complete(Wait wait) {
    boolean interrupted = false;
    while (true) {
      try {
        wait.run();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
