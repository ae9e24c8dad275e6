package dev.dioring.engine.dio;

import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Long-lived virtual threads that take files with deferred completions from one queue. Threads are
 * started while files wait and none is idle, up to a bound.
 */
final class DeferredExecutor implements AutoCloseable {
  private static final int QUEUE_FILES = 1024;

  private final DeferredCompletions mount;
  private final String volume;
  private final Worker[] workers;
  private final AtomicInteger started = new AtomicInteger();
  private final BoundedQueue<FileCompletions> queue = new BoundedQueue<>(QUEUE_FILES);

  /** Files that found the queue full: more than a thousand at once have deferred completions. */
  private final ConcurrentLinkedQueue<FileCompletions> overflow = new ConcurrentLinkedQueue<>();

  private volatile boolean closed;

  DeferredExecutor(DeferredCompletions mount, String volume, int workersMax) {
    this.mount = mount;
    this.volume = volume;
    workers = new Worker[workersMax];
    for (int i = 0; i < workersMax; i++) {
      workers[i] = new Worker(i);
    }
  }

  int workers() {
    return Math.min(started.get(), workers.length);
  }

  /** Queues a file that has deferred completions and is not queued yet. Never waits. */
  void schedule(FileCompletions file) {
    enqueue(file);
    // The queue publishes with a release: without the fence the looks at idle could come first, and
    // miss a worker that in turn missed the file.
    VarHandle.fullFence();
    int running = workers();
    for (int i = 0; i < running; i++) {
      if (workers[i].wakeIfIdle()) {
        return;
      }
    }
    if (running < workers.length) {
      int next = started.getAndIncrement();
      if (next < workers.length) {
        workers[next].start();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    int running = workers();
    for (int i = 0; i < running; i++) {
      workers[i].join();
    }
  }

  private void enqueue(FileCompletions file) {
    if (!queue.offer(file)) {
      overflow.add(file);
    }
  }

  private @Nullable FileCompletions next() {
    FileCompletions file = queue.poll();
    return file != null || overflow.isEmpty() ? file : overflow.poll();
  }

  private boolean hasWork() {
    return !queue.isEmpty() || !overflow.isEmpty();
  }

  private final class Worker implements Runnable {
    private final Thread thread;
    private final CompletionBatch batch = new CompletionBatch();

    /** Set by the worker before its last look at the queue; cleared by whoever wakes it. */
    private final AtomicBoolean idle = new AtomicBoolean();

    Worker(int number) {
      thread = Thread.ofVirtual().name("dio/" + volume + "-" + number).unstarted(this);
    }

    void start() {
      thread.start();
    }

    boolean wakeIfIdle() {
      if (idle.get() && idle.compareAndSet(true, false)) {
        LockSupport.unpark(thread);
        return true;
      }
      return false;
    }

    @Override
    public void run() {
      while (true) {
        FileCompletions file = next();
        if (file != null) {
          serve(file);
        } else if (closed) {
          return;
        } else {
          sleep();
        }
      }
    }

    /** Serves a file until nothing waits there, or until another file has its turn. */
    private void serve(FileCompletions file) {
      do {
        Dio waiting = file.take();
        while (waiting != null) {
          waiting = batch.complete(mount, file, waiting);
        }
        if (!file.keep()) {
          return;
        }
      } while (!hasWork());
      enqueue(file);
    }

    private void sleep() {
      idle.set(true);
      if (hasWork() || closed) {
        idle.set(false);
        return;
      }
      while (idle.get()) {
        LockSupport.park(this);
        if (Thread.interrupted() || closed) {
          idle.set(false);
        }
      }
    }

    void join() {
      LockSupport.unpark(thread);
      Uninterruptibly.join(thread);
    }
  }
}
