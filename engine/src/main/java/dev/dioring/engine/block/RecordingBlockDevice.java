package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A device that logs every request that changes or flushes it, when it was submitted and when it
 * completed, so that {@link PowerCut} can rebuild what a disk may hold after a cut at any moment.
 */
public final class RecordingBlockDevice extends ForwardingBlockDevice {
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order of submission; guarded by the lock. */
  private final List<RecordedRequest> log = new ArrayList<>();

  private int events;

  /** Wraps a device, which is closed with this one. */
  public RecordingBlockDevice(BlockDevice below) {
    super(below);
  }

  /** All requests so far, in the order of their submission. */
  public List<RecordedRequest> log() {
    lock.lock();
    try {
      return List.copyOf(log);
    } finally {
      lock.unlock();
    }
  }

  /** How many events there were: the number of the next one. */
  public int events() {
    lock.lock();
    try {
      return events;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities("recording", "as asked", super.capabilities().backend());
  }

  @Override
  public void submit(BlockRequest request) {
    if (request.op() == BlockOp.READ) {
      below().submit(request);
      return;
    }
    byte[] content = content(request);
    RecordedRequest record;
    lock.lock();
    try {
      record =
          new RecordedRequest(
              request.op(),
              request.byteOffset(),
              request.lengthBytes(),
              content,
              request.fua(),
              events++);
      log.add(record);
    } finally {
      lock.unlock();
    }
    below().submit(new Logged(request, record));
  }

  /** A copy at submission: the medium gets what the memory held then. */
  private static byte[] content(BlockRequest request) {
    if (request.op() != BlockOp.WRITE) {
      return new byte[0];
    }
    byte[] data = new byte[(int) request.lengthBytes()];
    int at = 0;
    int segments = request.memory() != null ? 1 : request.vectorCount();
    for (int i = 0; i < segments; i++) {
      MemorySegment segment = MemoryBlockDevice.segment(request, i);
      int length = (int) segment.byteSize();
      MemorySegment.copy(segment, JAVA_BYTE, 0, data, at, length);
      at += length;
    }
    return data;
  }

  private final class Logged extends BlockRequest {
    private final BlockRequest original;
    private final RecordedRequest record;

    Logged(BlockRequest original, RecordedRequest record) {
      this.original = original;
      this.record = record;
      switch (original.op()) {
        case FLUSH -> flush();
        case DISCARD -> discard(original.byteOffset(), original.lengthBytes());
        case WRITE_ZEROES -> writeZeroes(original.byteOffset(), original.lengthBytes());
        default -> copyTransfer();
      }
    }

    private void copyTransfer() {
      MemorySegment memory = original.memory();
      MemorySegment[] vector = original.vector();
      if (memory != null && original.fua()) {
        writeFua(original.byteOffset(), memory);
      } else if (memory != null) {
        write(original.byteOffset(), memory);
      } else if (vector != null) {
        writev(
            original.byteOffset(),
            Arrays.copyOf(vector, original.vectorCount()),
            original.vectorCount());
      }
    }

    @Override
    protected void completed(int result) {
      lock.lock();
      try {
        record.end(events++, result);
      } finally {
        lock.unlock();
      }
      original.completed(result);
    }
  }
}
