package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.NativeException;
import dev.dioring.bindings.Uring;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file or raw device behind an io_uring, which a poller thread owns. The descriptor and the
 * device's buffers are registered with the ring where the kernel allows it.
 */
final class UringBlockDevice implements BlockDevice {
  private static final Logger LOG = LoggerFactory.getLogger(UringBlockDevice.class);

  /** Requests in flight through a borrowed ring; more wait. */
  private static final int BORROWED_OPERATIONS = 256;

  private final String name;
  private final int fd;
  private final Geometry geometry;
  private final BufferPool buffers;
  private final Poller poller;
  private final RangeOperations ranges;
  private final Arena arena = Arena.ofShared();
  private final Poller.Receiver<BlockRequest> receiver = this::start;
  private final AtomicBoolean closeBegun = new AtomicBoolean();
  private final CountDownLatch drained = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Refusals refusals = new Refusals();

  /** Whether descriptor, buffers and poller belong to others, and outlive this. */
  private final boolean borrowing;

  private final RingRegistration registered;
  private @Nullable Capabilities capabilities;

  // Poller thread.
  private final UringOperation[] idle;
  private final UringOperation[] all;

  /** Others read it for display alone, where an old value does. */
  private int idleCount;

  private final RequestQueue waiting = new RequestQueue();
  private boolean closing;

  private UringBlockDevice(
      String name,
      int fd,
      Geometry geometry,
      BufferPool buffers,
      Poller poller,
      int operations,
      boolean borrowing) {
    this.borrowing = borrowing;
    this.name = name;
    this.fd = fd;
    this.geometry = geometry;
    this.buffers = buffers;
    this.poller = poller;
    registered = new RingRegistration(fd, buffers);
    ranges = new RangeOperations(fd, poller.supports(Uring.OP_URING_CMD), arena);
    idle = new UringOperation[operations];
    all = new UringOperation[operations];
    for (int i = 0; i < operations; i++) {
      all[i] = new UringOperation(this, arena);
      idle[idleCount++] = all[i];
    }
  }

  /**
   * Makes a ring for a descriptor. The device owns the descriptor and the buffers from now on,
   * unless this throws.
   *
   * @param reason why this backend was chosen, for {@link Capabilities}
   * @throws NativeException if the kernel has no ring for us
   */
  static UringBlockDevice open(
      String name,
      int fd,
      Geometry geometry,
      BufferPool buffers,
      OpenOptions options,
      String reason) {
    RingOptions ring = options.ring();
    Registration registration = options.registration();
    UringBlockDevice device = start(name, fd, geometry, buffers, ring, registration);
    if (ring.ioPoll() && !device.answersPolling()) {
      device.stop();
      RingOptions quiet = ring.withIoPoll(false);
      device = start(name, fd, geometry, buffers, quiet, registration);
      reason += "; its driver has no queues to poll, so interrupts report completions";
    }
    device.capabilities = new Capabilities("uring", reason, device.features());
    return device;
  }

  private static UringBlockDevice start(
      String name,
      int fd,
      Geometry geometry,
      BufferPool buffers,
      RingOptions options,
      Registration registration) {
    Poller poller = Poller.start("dioring-uring/" + name, options);
    return on(poller, name, fd, geometry, buffers, options, registration);
  }

  /** Makes a device on a poller of its own, without {@link #capabilities}. */
  static UringBlockDevice on(
      Poller poller,
      String name,
      int fd,
      Geometry geometry,
      BufferPool buffers,
      RingOptions options,
      Registration registration) {
    UringBlockDevice device;
    try {
      device =
          new UringBlockDevice(name, fd, geometry, buffers, poller, options.operations(), false);
    } catch (NativeException e) {
      poller.close();
      throw e;
    }
    device.awaitRegistered(registration);
    return device;
  }

  @Override
  public @Nullable BlockDevice through(Poller other) {
    if (pollsDevice()) {
      // Its descriptor was set up for polled completions, which the other ring does not look for.
      return null;
    }
    UringBlockDevice device =
        new UringBlockDevice(name, fd, geometry, buffers, other, BORROWED_OPERATIONS, true);
    device.awaitRegistered(Registration.FILE);
    device.capabilities = capabilities();
    return device;
  }

  private void awaitRegistered(Registration registration) {
    CountDownLatch done = new CountDownLatch(1);
    boolean unused =
        poller.execute(
            () -> {
              registered.register(poller, registration);
              done.countDown();
            });
    Uninterruptibly.await(done);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    Capabilities known = capabilities;
    if (known == null) {
      throw new IllegalStateException("the device is not open yet");
    }
    return known;
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
    return poller.isCurrentThread();
  }

  @Override
  public int inFlight() {
    return all.length - idleCount;
  }

  @Override
  public void submit(BlockRequest request) {
    if (poller.isCurrentThread()) {
      start(request);
    } else if (!poller.handOver(receiver, request)) {
      refusals.refuse(request);
    }
  }

  @Override
  public void close() {
    if (poller.isCurrentThread()) {
      throw new IllegalStateException("a device cannot be closed from its completion thread");
    }
    if (!closeBegun.compareAndSet(false, true)) {
      Uninterruptibly.await(closed);
      return;
    }
    if (poller.execute(this::beginClosing)) {
      Uninterruptibly.await(drained);
    }
    // The kernel gives up what a ring has registered some time after the ring has ended, and until
    // then a file system could not be unmounted.
    registered.giveBack(poller);
    if (borrowing) {
      leave();
    } else {
      stop();
      free();
    }
  }

  @Override
  public String toString() {
    return name + " through io_uring";
  }

  /** Admits a request on the poller thread: into the ring, or behind those that wait for room. */
  private void start(BlockRequest request) {
    if (closing) {
      refusals.refuse(request);
    } else if (idleCount == 0) {
      waiting.add(request);
    } else {
      UringOperation operation = idle[--idleCount];
      operation.carry(request);
    }
  }

  /** A request has ended. Its operation takes the next one, before the callback submits more. */
  void finished(UringOperation operation, BlockRequest request, int result) {
    idle[idleCount++] = operation;
    BlockRequest next = waiting.poll();
    if (next != null) {
      start(next);
    }
    request.complete(result);
    if (closing && idleCount == idle.length) {
      drained.countDown();
    }
  }

  /** Submits an operation anew: the rest of a short transfer, or another way to do the same. */
  void resubmit(UringOperation operation) {
    poller.submit(operation);
  }

  /** Runs a call that may block on a thread of its own, then completes the operation with it. */
  void offload(UringOperation operation, IntSupplier call) {
    Thread.ofPlatform()
        .name("dioring-blocking/" + name)
        .daemon()
        .start(
            () -> {
              int result = call.getAsInt();
              // The operation is not idle, so the poller cannot be closed before it has this.
              boolean unused = poller.execute(() -> operation.completed(result, 0));
            });
  }

  int fd() {
    return fd;
  }

  RingRegistration registered() {
    return registered;
  }

  RangeOperations ranges() {
    return ranges;
  }

  boolean isClosing() {
    return closing;
  }

  boolean pollsDevice() {
    return (poller.flags() & Uring.SETUP_IOPOLL) != 0;
  }

  private String features() {
    return poller.flagNames() + registered.features();
  }

  private void beginClosing() {
    closing = true;
    for (BlockRequest next = waiting.poll(); next != null; next = waiting.poll()) {
      refusals.refuse(next);
    }
    for (UringOperation operation : all) {
      poller.cancel(operation);
    }
    if (idleCount == idle.length) {
      drained.countDown();
    }
  }

  /** Whether a ring with IOPOLL can read: drivers without queues to poll refuse every request. */
  private boolean answersPolling() {
    IoBuffer buffer = buffers.tryAcquire();
    if (buffer == null) {
      return false;
    }
    BlockIo.Waiter read = new BlockIo.Waiter();
    read.read(0, buffer.segment().asSlice(0, geometry.offsetAlignmentBytes()));
    int result = new BlockIo(this).call(read);
    buffer.release();
    return result != -Errno.EOPNOTSUPP;
  }

  /** Leaves a poller that goes on. */
  private void leave() {
    if (!poller.mayHoldMemory()) {
      arena.close();
    }
    closed.countDown();
  }

  /** Ends the ring. Unless that failed before, the kernel holds nothing any more. */
  private void stop() {
    poller.close();
    if (poller.mayHoldMemory()) {
      buffers.keepForEver();
    } else {
      arena.close();
    }
  }

  private void free() {
    int unused = LinuxFiles.close(fd);
    int held = buffers.retire();
    if (held > 0) {
      LOG.warn("{} closed while {} of its buffers were not released", name, held);
    }
    closed.countDown();
  }
}
