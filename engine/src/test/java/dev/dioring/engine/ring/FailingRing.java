package dev.dioring.engine.ring;

import dev.dioring.bindings.Uring;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** A ring whose enter call answers what a test says. */
public final class FailingRing extends Ring {
  /** The faults of one ring. */
  public static final class Faults {
    /** What every enter answers, unless 0. */
    public final AtomicInteger always = new AtomicInteger();

    /** Given the number of each enter, from 0 on: what it answers, or 0 to let it through. */
    public volatile IntUnaryOperator sometimes = number -> 0;

    /** How many enters got a fault for an answer. */
    public final AtomicInteger injected = new AtomicInteger();

    /** Changes submission entries just before the kernel may read them. */
    public volatile Consumer<MemorySegment> entries = sqes -> {};

    /** How many enters woke the kernel's submitting thread. */
    final AtomicInteger wakeUps = new AtomicInteger();
  }

  private final Faults faults;
  private int enters;

  FailingRing(RingOptions options, Faults faults) {
    super(options);
    this.faults = faults;
  }

  public static Poller start(RingOptions options, Faults faults) {
    return Poller.start("faulty", options, asked -> new FailingRing(asked, faults));
  }

  @Override
  int enterKernel(int toSubmit, int minComplete, int how) {
    int fault = faults.always.get();
    if (fault == 0) {
      fault = faults.sometimes.applyAsInt(enters++);
    }
    if (fault != 0) {
      faults.injected.incrementAndGet();
      return fault;
    }
    if ((how & Uring.ENTER_SQ_WAKEUP) != 0) {
      faults.wakeUps.incrementAndGet();
    }
    faults.entries.accept(submissions().sqes());
    return super.enterKernel(toSubmit, minComplete, how);
  }

  /** Whether the kernel's submitting thread sleeps; asked on the poller thread. */
  boolean needsWakeUp() {
    return (submissions().flags() & Uring.SQ_NEED_WAKEUP) != 0;
  }
}
