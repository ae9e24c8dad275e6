package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Uring;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.ring.HandOver;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file or raw device behind an io_uring of its own, which a poller thread owns. The descriptor
 * and the device's buffers are registered with the ring where the kernel allows it.
 */
final class UringBlockDevice implements BlockDevice, Poller.Source {
  private static final int DRAIN_MAX = 64;

  private final String name;
  private final int fd;
  private final Geometry geometry;
  private final Capabilities capabilities;
  private final BufferPool buffers;
  private final int offsetMask;
  private final HandOver<BlockRequest> handOver;
  private final Poller poller;
  private final Arena arena = Arena.ofShared();

  /** Threads between the admission check and the hand-over; close waits for them. */
  private final AtomicInteger entering = new AtomicInteger();

  private final AtomicBoolean closed = new AtomicBoolean();

  // Set on the poller thread by the first drain, before any operation.
  private boolean registered;
  private boolean fixedFile;
  private boolean fixedBuffers;

  // Poller thread.
  private final UringOperation[] idle;
  private int idleCount;
  private @Nullable BlockRequest waitingHead;
  private @Nullable BlockRequest waitingTail;

  /**
   * Opens a ring for a descriptor, which this device owns from now on.
   *
   * @throws dev.dioring.bindings.NativeException if the kernel has no ring for us
   */
  UringBlockDevice(
      String name,
      int fd,
      Geometry geometry,
      BufferPool buffers,
      RingOptions options,
      String reason) {
    this.name = name;
    this.fd = fd;
    this.geometry = geometry;
    this.buffers = buffers;
    offsetMask = geometry.offsetAlignmentBytes() - 1;
    handOver = new HandOver<>(Math.max(1024, options.operations() * 4));
    idle = new UringOperation[options.operations()];
    for (int i = 0; i < idle.length; i++) {
      idle[idleCount++] = new UringOperation(this, arena);
    }
    poller = new Poller("dioring-uring/" + name, options, this);
    poller.start();
    capabilities = new Capabilities("uring", reason, poller.flagNames());
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
    return poller.isCurrentThread();
  }

  @Override
  public void submit(BlockRequest request) {
    if (poller.isCurrentThread()) {
      start(request);
      return;
    }
    entering.incrementAndGet();
    try {
      if (closed.get()) {
        request.completed(-Errno.ESHUTDOWN);
        return;
      }
      while (!handOver.offer(request)) {
        poller.wake();
        Poller.backOff();
      }
    } finally {
      entering.decrementAndGet();
    }
    poller.wake();
  }

  @Override
  public boolean drain() {
    if (!registered) {
      register();
    }
    int taken = 0;
    BlockRequest request;
    while (taken < DRAIN_MAX && idleCount > 0 && (request = handOver.poll()) != null) {
      start(request);
      taken++;
    }
    return taken > 0;
  }

  @Override
  public boolean hasWork() {
    return idleCount > 0 && !handOver.isEmpty();
  }

  @Override
  public void close() {
    if (poller.isCurrentThread()) {
      throw new IllegalStateException("a device cannot be closed from its completion thread");
    }
    if (!closed.compareAndSet(false, true)) {
      poller.close();
      return;
    }
    while (entering.get() != 0) {
      poller.wake();
      Poller.backOff();
    }
    poller.close();
    int unused = LinuxFiles.close(fd);
    arena.close();
    buffers.close();
  }

  @Override
  public String toString() {
    return name + " through io_uring (" + capabilities.features() + ")";
  }

  /** Admits a request on the poller thread: into the ring, or behind those that wait for room. */
  private void start(BlockRequest request) {
    int refused = closed.get() ? -Errno.ESHUTDOWN : Alignment.check(geometry, request);
    if (refused != 0) {
      request.completed(refused);
      return;
    }
    if (idleCount == 0) {
      request.next = null;
      if (waitingTail == null) {
        waitingHead = request;
      } else {
        waitingTail.next = request;
      }
      waitingTail = request;
      return;
    }
    UringOperation operation = idle[--idleCount];
    operation.carry(request);
    poller.submit(operation);
  }

  void finished(UringOperation operation, BlockRequest request, int result) {
    idle[idleCount++] = operation;
    BlockRequest waiting = waitingHead;
    if (waiting != null) {
      waitingHead = waiting.next;
      waiting.next = null;
      if (waitingHead == null) {
        waitingTail = null;
      }
      start(waiting);
    }
    request.completed(result);
  }

  void resubmit(UringOperation operation) {
    poller.submit(operation);
  }

  int sqeFd() {
    return fixedFile ? 0 : fd;
  }

  int sqeFlags() {
    return fixedFile ? Uring.SQE_FIXED_FILE : 0;
  }

  boolean buffersRegistered() {
    return fixedBuffers;
  }

  int offsetMask() {
    return offsetMask;
  }

  /** Registration is an optimisation: where a limit forbids it, plain operations do the same. */
  private void register() {
    registered = true;
    MemorySegment descriptor = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_INT, fd);
    fixedFile = poller.register(Uring.REGISTER_FILES, descriptor, 1) == 0;
    IoVec vector = new IoVec(arena, buffers.count());
    for (int i = 0; i < buffers.count(); i++) {
      long address = buffers.slab().address() + (long) i * buffers.bufferBytes();
      vector.set(i, address, buffers.bufferBytes());
    }
    fixedBuffers = poller.register(Uring.REGISTER_BUFFERS, vector.segment(), buffers.count()) == 0;
  }
}
