package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A device that fails or delays as a test asks, or as a seeded {@link FaultPlan} does.
 *
 * <p>The fault model: a request that matches the failing rule is not passed on and completes with
 * the rule's errno, so nothing of it reaches the medium. A request that matches the holding rule is
 * passed on only when the test releases it; releasing in another order than that of submission is
 * how a device reorders. The rest meets the plan: see {@link FaultPlan.Fault}. After a power cut
 * everything fails. What the plan does not choose passes through.
 *
 * <p>Faults come on the completion thread of the device below, like its own completions: by way of
 * an empty read, which changes nothing and makes nothing durable. Over a {@link
 * RecordingBlockDevice} the log holds what reached the medium, and {@link PowerCut} makes of it
 * what is left after the cut.
 */
public final class FaultyBlockDevice extends ForwardingBlockDevice {
  /** Turns of the completion thread that a delayed request waits, at most. */
  private static final int DELAY_TURNS_MAX = 64;

  private record Rule(Predicate<BlockRequest> matches, int errno) {}

  private final FaultPlan plan;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition heldChanged = lock.newCondition();

  /** Requests kept back, in the order of submission; guarded by the lock. */
  private final List<BlockRequest> held = new ArrayList<>();

  /** Nothing is kept back any more; guarded by the lock. */
  private boolean closed;

  private volatile @Nullable Rule failing;
  private volatile @Nullable Predicate<BlockRequest> holding;
  private volatile boolean powerLost;

  /** Wraps a device, which is closed with this one. */
  public FaultyBlockDevice(BlockDevice below) {
    this(below, new FaultPlan(0));
  }

  /** Wraps a device with faults by plan; it is closed with this one. */
  public FaultyBlockDevice(BlockDevice below, FaultPlan plan) {
    super(below);
    this.plan = plan;
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
    List<BlockRequest> released = takeHeld(false);
    for (BlockRequest request : newestFirst ? released.reversed() : released) {
      pass(request);
    }
  }

  /**
   * Cuts the power: what is kept back, delayed or submitted from now on fails with EIO and does not
   * reach the medium. What was passed on completes as it does; the cut is behind it.
   */
  public void cutPower() {
    powerLost = true;
    takeHeld(false).forEach(this::pass);
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities("faulty", "as asked", super.capabilities().backend());
  }

  @Override
  public void submit(BlockRequest request) {
    Rule rule = failing;
    if (rule != null && rule.matches.test(request)) {
      fail(request, rule.errno);
      return;
    }
    Predicate<BlockRequest> keep = holding;
    if (keep != null && keep.test(request) && hold(request)) {
      return;
    }
    FaultPlan.Choice choice = plan.choose(request);
    if (choice == null || powerLost || Alignment.check(geometry(), request) != 0) {
      pass(request);
    } else {
      inject(choice, request);
    }
  }

  private void inject(FaultPlan.Choice choice, BlockRequest request) {
    switch (choice.fault()) {
      case FAIL -> fail(request, Errno.EIO);
      case TEAR -> {
        if (request.op() == BlockOp.WRITE) {
          PartialTransfer.torn(this, request, choice.seed(), Errno.EIO).start();
        } else {
          fail(request, Errno.EIO);
        }
      }
      case SHORTEN -> {
        if (request.op().transfersData()) {
          PartialTransfer.shortened(this, request, choice.seed()).start();
        } else {
          pass(request);
        }
      }
      case DELAY -> {
        int turns = 1 + Math.floorMod(choice.seed(), DELAY_TURNS_MAX);
        below().submit(new Delayed(request, turns).turn());
      }
      case CUT_POWER -> {
        cutPower();
        pass(request);
      }
    }
  }

  @Override
  public void close() {
    holding = null;
    takeHeld(true).forEach(this::pass);
    super.close();
  }

  /** Submits to the device below, while it has power. */
  void pass(BlockRequest request) {
    if (powerLost) {
      fail(request, Errno.EIO);
    } else {
      below().submit(request);
    }
  }

  private void fail(BlockRequest request, int errno) {
    below().submit(new Failure(request, errno).read(0, MemorySegment.NULL));
  }

  /** Keeps a request back, unless the device was closed: nobody would release it any more. */
  private boolean hold(BlockRequest request) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      held.add(request);
      heldChanged.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private List<BlockRequest> takeHeld(boolean forGood) {
    lock.lock();
    try {
      closed |= forGood;
      List<BlockRequest> taken = new ArrayList<>(held);
      held.clear();
      return taken;
    } finally {
      lock.unlock();
    }
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
      failed.complete(result == -Errno.ESHUTDOWN ? result : -errno);
    }
  }

  /** Goes round through the device below until the delayed request's time has come. */
  private final class Delayed extends BlockRequest {
    private final BlockRequest delayed;

    /** Only the thread that starts it and then the completion thread use it. */
    private int turnsLeft;

    Delayed(BlockRequest delayed, int turns) {
      this.delayed = delayed;
      turnsLeft = turns;
    }

    BlockRequest turn() {
      turnsLeft--;
      return read(0, MemorySegment.NULL);
    }

    @Override
    protected void completed(int result) {
      if (turnsLeft > 0 && result != -Errno.ESHUTDOWN) {
        below().submit(turn());
      } else {
        pass(delayed);
      }
    }
  }
}
