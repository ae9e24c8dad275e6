package dev.dioring.ext4lite.fuse;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The requests of a transport that are not in use, the one used last first. Thread-safe. */
final class IdleRequests {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();

  /** Under the lock, like {@link #waiting}. */
  private final ArrayDeque<Request> idle;

  private int waiting;

  IdleRequests(int count) {
    idle = new ArrayDeque<>(count);
  }

  void add(Request request) {
    lock.lock();
    try {
      idle.push(request);
      if (waiting > 0) {
        added.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes one, waiting for it. An interrupt does not end the wait. */
  Request take() {
    lock.lock();
    try {
      awaitCount(1);
      return idle.pop();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many are idle. */
  void await(int count) {
    lock.lock();
    try {
      awaitCount(count);
    } finally {
      lock.unlock();
    }
  }

  private void awaitCount(int count) {
    waiting++;
    while (idle.size() < count) {
      added.awaitUninterruptibly();
    }
    waiting--;
  }
}
