package dev.dioring.engine.ring;

import dev.dioring.bindings.Sqe;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** An operation that records how it ended. */
final class TestOperation extends RingOperation {
  /** Writes a submission entry. */
  interface Entry {
    void write(MemorySegment sqes, long at);
  }

  private static final int POLLIN = 1;

  static final IntConsumer NOTHING = result -> {};

  private final Entry entry;
  private final IntConsumer then;
  private final AtomicInteger completions = new AtomicInteger();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile int result;

  TestOperation(Entry entry) {
    this(entry, NOTHING);
  }

  TestOperation(Entry entry, IntConsumer then) {
    this.entry = entry;
    this.then = then;
  }

  static TestOperation nop() {
    return new TestOperation(Sqe::nop);
  }

  /** Waits until a descriptor can be read, or it is cancelled. */
  static TestOperation poll(int fd) {
    return new TestOperation((sqes, at) -> Sqe.pollAdd(sqes, at, fd, POLLIN, false));
  }

  static List<TestOperation> polls(int fd, int count) {
    return Stream.generate(() -> poll(fd)).limit(count).toList();
  }

  @Override
  protected void prepare(MemorySegment sqes, long at) {
    entry.write(sqes, at);
  }

  @Override
  protected void completed(int result, int flags) {
    this.result = result;
    completions.incrementAndGet();
    then.accept(result);
    done.countDown();
  }

  int completions() {
    return completions.get();
  }

  boolean isDone() {
    return done.getCount() == 0;
  }

  /** Waits for the first completion. */
  int await() throws InterruptedException {
    if (!done.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the operation did not complete within 30 s");
    }
    return result;
  }
}
