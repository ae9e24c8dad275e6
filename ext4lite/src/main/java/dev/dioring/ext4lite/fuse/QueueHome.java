package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Affinity;
import dev.dioring.bindings.Errno;

/**
 * Where the thread of a queue runs. As long as it answers requests at once it stays on the
 * processor whose requests it serves: it takes over from the program that waits for it there, and
 * none is woken across processors, the shortest way. Where requests wait for a disk another
 * processor may as well serve meanwhile. The queue's thread only.
 */
final class QueueHome {
  /** So many more answers at once than {@link #WAIT} times those that wait let it stay. */
  static final int STAYS_AT = 64;

  static final int WAIT = 4;

  private final int number;
  private boolean settable = true;
  private boolean always;
  private boolean stays;
  private int score;
  private final Affinity home;

  /** Where it may run otherwise, once that is known. */
  private Affinity anywhere;

  QueueHome(int number) {
    this.number = number;
    home = Affinity.to(number);
    anywhere = home;
  }

  /** It stays, whatever is served. */
  void always() {
    always = true;
    move(true);
  }

  /** A request was answered, or goes on elsewhere. */
  void served(boolean atOnce) {
    if (atOnce) {
      if (score < STAYS_AT && ++score == STAYS_AT) {
        move(true);
      }
    } else if (score > 0) {
      score = Math.max(0, score - WAIT);
      if (score == 0 && !always) {
        move(false);
      }
    }
  }

  /** Whether it is kept on its processor. */
  boolean stays() {
    return stays;
  }

  private void move(boolean stay) {
    if (stays == stay || !settable) {
      return;
    }
    if (stay) {
      anywhere = Affinity.current();
    }
    int refused = (stay ? home : anywhere).apply();
    if (refused < 0) {
      settable = false;
      Session.LOG.info("queue {} runs anywhere: {}", number, Errno.describe(refused));
      return;
    }
    stays = stay;
  }
}
