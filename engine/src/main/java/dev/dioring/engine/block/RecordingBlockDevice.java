package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.engine.memory.BufferPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A device that logs every write and flush that completed, in the order of completion, so that a
 * test can rebuild what a disk may hold after a power cut at any moment: all writes up to some
 * flush, and any of those after it.
 */
public final class RecordingBlockDevice implements BlockDevice {
  /**
   * A logged write, or a flush if there is no data.
   *
   * @param durable whether it was FUA; a flush is durable by itself
   */
  @SuppressWarnings("ArrayRecordComponent") // entries are data, never compared
  public record Entry(long byteOffset, byte[] data, boolean durable) {
    public boolean isFlush() {
      return data.length == 0;
    }
  }

  private final BlockDevice below;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final List<Entry> log = new ArrayList<>();

  /** Wraps a device, which is closed with this one. */
  public RecordingBlockDevice(BlockDevice below) {
    this.below = below;
  }

  /** The log so far. */
  public List<Entry> log() {
    lock.lock();
    try {
      return List.copyOf(log);
    } finally {
      lock.unlock();
    }
  }

  /** Applies entries to an image held in an array. */
  public static void replay(List<Entry> entries, byte[] image) {
    for (Entry entry : entries) {
      System.arraycopy(entry.data, 0, image, (int) entry.byteOffset, entry.data.length);
    }
  }

  @Override
  public Geometry geometry() {
    return below.geometry();
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities("recording", "as asked", below.capabilities().backend());
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
    if (request.op() == BlockOp.READ || request.op() == BlockOp.DISCARD) {
      below.submit(request);
    } else {
      below.submit(new Logged(request, content(request)));
    }
  }

  @Override
  public void close() {
    below.close();
  }

  /** A copy at submission: the medium gets what the memory held then. */
  private static byte[] content(BlockRequest request) {
    byte[] data = new byte[(int) request.lengthBytes()];
    if (request.op() == BlockOp.WRITE) {
      int at = 0;
      int segments = request.memory() != null ? 1 : request.vectorCount();
      for (int i = 0; i < segments; i++) {
        MemorySegment segment = MemoryBlockDevice.segment(request, i);
        int length = (int) segment.byteSize();
        MemorySegment.copy(segment, JAVA_BYTE, 0, data, at, length);
        at += length;
      }
    }
    return data;
  }

  private final class Logged extends BlockRequest {
    private final BlockRequest original;
    private final Entry entry;

    Logged(BlockRequest original, byte[] data) {
      this.original = original;
      entry = new Entry(original.byteOffset(), data, original.fua());
      switch (original.op()) {
        case FLUSH -> flush();
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
      if (result >= 0) {
        lock.lock();
        try {
          log.add(entry);
        } finally {
          lock.unlock();
        }
      }
      original.completed(result);
    }
  }
}
