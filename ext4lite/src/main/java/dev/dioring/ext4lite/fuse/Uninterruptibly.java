package dev.dioring.ext4lite.fuse;

import java.util.concurrent.CountDownLatch;

/** A wait that an interrupt does not cut short; it is pending again afterwards. */
final class Uninterruptibly {
  private Uninterruptibly() {}

  static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
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
