package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.engine.memory.BufferPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A file or raw device served by pread and pwrite on a few platform threads, for where io_uring is
 * forbidden or slower. Each thread runs the completions of what it did, and takes what a completion
 * submits when it returns to its queue.
 */
final class SyncBlockDevice implements BlockDevice {
  private static final int THREADS_MAX = 16;
  private static final long CLOSED_CHECK_MILLIS = 100;

  private final String name;
  private final int fd;
  private final Geometry geometry;
  private final Capabilities capabilities;
  private final BufferPool buffers;
  private final BlockingQueue<BlockRequest> queue;
  private final Worker[] workers;
  private final Admission admission = new Admission();

  SyncBlockDevice(
      String name, int fd, Geometry geometry, BufferPool buffers, int operations, String reason) {
    this.name = name;
    this.fd = fd;
    this.geometry = geometry;
    this.buffers = buffers;
    queue = new ArrayBlockingQueue<>(Math.max(1024, operations * 4));
    workers = new Worker[Math.min(THREADS_MAX, operations)];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker("dioring-sync/" + name + "-" + i);
    }
    for (Worker worker : workers) {
      worker.start();
    }
    capabilities = new Capabilities("sync", reason, workers.length + " threads");
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
    return Thread.currentThread() instanceof Worker worker && worker.owner() == this;
  }

  @Override
  public void submit(BlockRequest request) {
    int refused = admission.enter() ? Alignment.check(geometry, request) : -Errno.ESHUTDOWN;
    if (refused != 0) {
      if (refused != -Errno.ESHUTDOWN) {
        admission.leave();
      }
      request.completed(refused);
      return;
    }
    boolean interrupted = false;
    while (!queue.offer(request)) {
      BlockRequest own = onCompletionThread() ? queue.poll() : null;
      if (own != null) {
        // A worker that waited here for room could wait for itself.
        ((Worker) Thread.currentThread()).serve(own);
      } else {
        Thread.onSpinWait();
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (onCompletionThread()) {
      throw new IllegalStateException("a device cannot be closed from its completion thread");
    }
    if (!admission.close()) {
      return;
    }
    admission.awaitEmpty();
    for (Worker worker : workers) {
      worker.finish();
    }
    int unused = LinuxFiles.close(fd);
    buffers.close();
  }

  @Override
  public String toString() {
    return name + " through system calls (" + capabilities.reason() + ")";
  }

  private final class Worker extends Thread {
    private final Arena arena = Arena.ofShared();
    private final IoVec vector = new IoVec(arena, BlockRequest.VECTOR_MAX);
    private volatile boolean finished;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    SyncBlockDevice owner() {
      return SyncBlockDevice.this;
    }

    @Override
    public void run() {
      while (!finished) {
        try {
          BlockRequest request = queue.poll(CLOSED_CHECK_MILLIS, TimeUnit.MILLISECONDS);
          if (request != null) {
            serve(request);
          }
        } catch (InterruptedException e) {
          // Only finish() ends a worker.
        }
      }
      arena.close();
    }

    void serve(BlockRequest request) {
      int result = perform(request);
      request.completed(result);
      admission.leave();
    }

    void finish() {
      finished = true;
      boolean interrupted = false;
      while (isAlive()) {
        interrupt();
        try {
          join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private int perform(BlockRequest request) {
      return switch (request.op()) {
        case READ, WRITE -> transfer(request);
        case FLUSH -> LinuxFiles.fdatasync(fd);
        case DISCARD -> fallocate(LinuxFiles.FALLOC_PUNCH_HOLE, request);
        case WRITE_ZEROES -> {
          int result = fallocate(LinuxFiles.FALLOC_ZERO_RANGE, request);
          yield result == -Errno.EOPNOTSUPP
              ? fallocate(LinuxFiles.FALLOC_PUNCH_HOLE, request)
              : result;
        }
      };
    }

    private int fallocate(int mode, BlockRequest request) {
      int keep = mode | LinuxFiles.FALLOC_KEEP_SIZE;
      return LinuxFiles.fallocate(fd, keep, request.byteOffset(), request.lengthBytes());
    }

    private int transfer(BlockRequest request) {
      long done = 0;
      while (done < request.lengthBytes()) {
        int first = fill(request, done);
        int count = Math.max(1, request.vectorCount()) - first;
        MemorySegment iov = vector.from(first);
        long offset = request.byteOffset() + done;
        int flags = request.fua() ? LinuxFiles.RWF_DSYNC : 0;
        long result =
            request.op() == BlockOp.READ
                ? LinuxFiles.preadv2(fd, iov, count, offset, flags)
                : LinuxFiles.pwritev2(fd, iov, count, offset, flags);
        if (result == -Errno.EINTR || result == -Errno.EAGAIN) {
          continue;
        }
        if (result < 0) {
          return (int) result;
        }
        done += result;
        if (result == 0 || (result & (geometry.offsetAlignmentBytes() - 1)) != 0) {
          break;
        }
      }
      return done < request.lengthBytes() && request.op() == BlockOp.WRITE
          ? -Errno.EIO
          : (int) done;
    }

    /** Writes the segments still to do into the vector. @return index of the first of them */
    private int fill(BlockRequest request, long done) {
      MemorySegment memory = request.memory();
      if (memory != null) {
        vector.set(0, memory.address() + done, memory.byteSize() - done);
        return 0;
      }
      MemorySegment[] segments = request.vector();
      if (segments == null) {
        throw new AssertionError("a transfer without memory: " + request);
      }
      long skip = done;
      int first = 0;
      for (int i = 0; i < request.vectorCount(); i++) {
        long size = segments[i].byteSize();
        if (skip >= size && size > 0) {
          skip -= size;
          first = i + 1;
        } else {
          vector.set(i, segments[i].address() + skip, size - skip);
          skip = 0;
        }
      }
      return first;
    }
  }
}
