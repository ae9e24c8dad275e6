package dev.dioring.engine.block;

import dev.dioring.engine.memory.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A device that fails or delays as a test asks.
 *
 * <p>The fault model: a request that matches the failing rule is not passed on and completes with
 * the rule's errno, so nothing of it reaches the medium. A request that matches the holding rule is
 * passed on only when the test releases it; releasing in another order than that of submission is
 * how a device reorders. Everything else passes through. Faults come on the completion thread of
 * the device below, like its own completions: by way of an empty flush.
 */
public final class FaultyBlockDevice implements BlockDevice {
  private record Rule(Predicate<BlockRequest> matches, int errno) {}

  private final BlockDevice below;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition heldChanged = lock.newCondition();

  /** Requests kept back, in the order of submission; guarded by the lock. */
  private final List<BlockRequest> held = new ArrayList<>();

  private volatile @Nullable Rule failing;
  private volatile @Nullable Predicate<BlockRequest> holding;

  /** Wraps a device, which is closed with this one. */
  public FaultyBlockDevice(BlockDevice below) {
    this.below = below;
  }

  /** From now on fails what matches, with an errno; null ends it. */
  public void failWhere(@Nullable Predicate<BlockRequest> matches, int errno) {
    failing = matches == null ? null : new Rule(matches, errno);
  }

  /** From now on keeps back what matches; null ends it, without releasing anything. */
  public void holdWhere(@Nullable Predicate<BlockRequest> matches) {
    holding = matches;
  }

  /** Waits until at least this many requests are kept back. */
  public void awaitHeld(int count) throws InterruptedException {
    lock.lock();
    try {
      while (held.size() < count) {
        heldChanged.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Passes on all requests that are kept back, newest first if asked. */
  public void release(boolean newestFirst) {
    List<BlockRequest> released;
    lock.lock();
    try {
      released = new ArrayList<>(held);
      held.clear();
    } finally {
      lock.unlock();
    }
    for (BlockRequest request : newestFirst ? released.reversed() : released) {
      below.submit(request);
    }
  }

  @Override
  public Geometry geometry() {
    return below.geometry();
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities("faulty", "as asked", below.capabilities().backend());
  }

  @Override
  public String name() {
    return below.name();
  }

  @Override
  public BufferPool buffers() {
    return below.buffers();
  }

  @Override
  public boolean onCompletionThread() {
    return below.onCompletionThread();
  }

  @Override
  public void submit(BlockRequest request) {
    Rule rule = failing;
    if (rule != null && rule.matches.test(request)) {
      below.submit(new Failure(request, rule.errno).flush());
      return;
    }
    Predicate<BlockRequest> keep = holding;
    if (keep != null && keep.test(request)) {
      lock.lock();
      try {
        held.add(request);
        heldChanged.signalAll();
      } finally {
        lock.unlock();
      }
      return;
    }
    below.submit(request);
  }

  @Override
  public void close() {
    holding = null;
    release(false);
    below.close();
  }

  private static final class Failure extends BlockRequest {
    private final BlockRequest failed;
    private final int errno;

    Failure(BlockRequest failed, int errno) {
      this.failed = failed;
      this.errno = errno;
    }

    @Override
    protected void completed(int result) {
      failed.completed(result < 0 ? result : -errno);
    }
  }
}
