package dev.dioring.ext4lite.journal;

import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Commits whose actions are still under way. Guarded by the journal's lock. */
final class CommitActions {
  private final Condition end;
  private int commits;

  CommitActions(ReentrantLock lock) {
    end = lock.newCondition();
  }

  /** The actions behind a commit may begin, if there are any. */
  void begin(List<Runnable> actions) {
    commits += actions.isEmpty() ? 0 : 1;
  }

  /** Those behind one commit have ended. */
  void end() {
    commits--;
    end.signalAll();
  }

  /** Parks until none is under way. */
  void await() {
    while (commits > 0) {
      end.awaitUninterruptibly();
    }
  }
}
