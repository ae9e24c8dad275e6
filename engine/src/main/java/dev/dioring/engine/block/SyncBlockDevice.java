package dev.dioring.engine.block;

import dev.dioring.bindings.LinuxFiles;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.threads.Uninterruptibly;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file or raw device served by pread and pwrite on a few platform threads, for where io_uring is
 * forbidden or slower. A thread starts when a request finds all others busy.
 *
 * <p>Each thread runs the completions of what it did. The first request that a completion submits
 * is done by the same thread next, so a caller that lives in callbacks pays for no hand-over.
 */
final class SyncBlockDevice implements BlockDevice {
  private static final Logger LOG = LoggerFactory.getLogger(SyncBlockDevice.class);
  private static final int THREADS_MAX = 16;

  private final String name;
  private final int fd;
  private final Geometry geometry;
  private final Capabilities capabilities;
  private final BufferPool buffers;
  private final int workersMax;
  private final boolean inMemory;
  private final SyncQueue queue = new SyncQueue();
  private final Admission admission = new Admission();
  private final Refusals refusals = new Refusals();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock; its size is also kept in {@link #workerCount}. */
  private final List<SyncWorker> workers = new ArrayList<>();

  private volatile int workerCount;

  /** Guarded by the lock. */
  private boolean stopping;

  /** Takes over the descriptor and the buffers. */
  SyncBlockDevice(
      String name, int fd, Geometry geometry, BufferPool buffers, int operations, String reason) {
    inMemory = DeviceProbe.isInMemory(name);
    this.name = name;
    this.fd = fd;
    this.geometry = geometry;
    this.buffers = buffers;
    workersMax = Math.max(1, Math.min(THREADS_MAX, operations));
    capabilities = new Capabilities("sync", reason, "up to " + workersMax + " threads");
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public BufferPool buffers() {
    return buffers;
  }

  @Override
  public boolean onCompletionThread() {
    return Thread.currentThread() instanceof SyncWorker worker && worker.serves(this);
  }

  @Override
  public void submit(BlockRequest request) {
    if (!admit(request)) {
      return;
    }
    boolean kept =
        Thread.currentThread() instanceof SyncWorker worker
            && worker.serves(this)
            && worker.keep(request);
    if (!kept && !queue.add(request) && workerCount < workersMax) {
      startWorker();
    }
  }

  @Override
  public void close() {
    if (onCompletionThread()) {
      throw new IllegalStateException("a device cannot be closed from its completion thread");
    }
    if (!admission.close()) {
      Uninterruptibly.await(closed);
      return;
    }
    admission.awaitEmpty();
    stopWorkers();
    int unused = LinuxFiles.close(fd);
    int held = buffers.retire();
    if (held > 0) {
      LOG.warn("{} closed while {} of its buffers were not released", name, held);
    }
    closed.countDown();
  }

  @Override
  public String toString() {
    return name + " through system calls (" + capabilities.reason() + ")";
  }

  /** Where I/O is copying, whoever may not wait can do it on the spot. */
  @Override
  public @Nullable BlockDevice through(Poller poller) {
    return inMemory ? new SyncInline(this, fd) : null;
  }

  /** Counts a request in, or refuses it. */
  boolean admit(BlockRequest request) {
    boolean admitted = admission.enter();
    if (!admitted) {
      refusals.refuse(request);
    }
    return admitted;
  }

  /** A request has completed. */
  void left() {
    admission.leave();
  }

  private void startWorker() {
    lock.lock();
    try {
      // Once stopping, the request that asked for a worker has been served by another.
      if (!stopping && workers.size() < workersMax) {
        SyncWorker worker = new SyncWorker(this, queue, fd, workers.size());
        workers.add(worker);
        workerCount = workers.size();
        worker.start();
      }
    } finally {
      lock.unlock();
    }
  }

  private void stopWorkers() {
    lock.lock();
    try {
      stopping = true;
    } finally {
      lock.unlock();
    }
    queue.close();
    for (SyncWorker worker : workers) {
      Uninterruptibly.join(worker);
    }
  }
}
