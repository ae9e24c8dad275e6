package dev.dioring.engine.block;

import java.util.concurrent.CountDownLatch;

/** Waits that an interrupt does not cut short; it is pending again afterwards. */
final class Uninterruptibly {
  private interface Wait {
    void run() throws InterruptedException;
  }

  private Uninterruptibly() {}

  static void await(CountDownLatch latch) {
    complete(latch::await);
  }

  static void join(Thread thread) {
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
