package dev.dioring.engine.block;

import java.lang.foreign.MemorySegment;

/**
 * A request that changed a recorded device, or flushed it, with the events in which it was
 * submitted and completed. The events of a device are numbered from 0.
 */
public final class RecordedRequest {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final MemorySegment NO_DATA = MemorySegment.ofArray(new byte[0]);

  private final BlockOp op;
  private final long byteOffset;
  private final long lengthBytes;
  private final MemorySegment data;
  private final boolean fua;
  private final int startEvent;
  private volatile int endEvent = NEVER;
  private volatile boolean failed;

  /**
   * Makes the record of a request that is being submitted.
   *
   * @param data what a WRITE carries, copied; other operations have none
   */
  RecordedRequest(
      BlockOp op, long byteOffset, long lengthBytes, byte[] data, boolean fua, int startEvent) {
    this.op = op;
    this.byteOffset = byteOffset;
    this.lengthBytes = lengthBytes;
    this.data = op == BlockOp.WRITE ? MemorySegment.ofArray(data) : NO_DATA;
    this.fua = fua;
    this.startEvent = startEvent;
  }

  void end(int event, int result) {
    failed = result < 0;
    endEvent = event;
  }

  public BlockOp op() {
    return op;
  }

  public long byteOffset() {
    return byteOffset;
  }

  public long lengthBytes() {
    return lengthBytes;
  }

  public boolean fua() {
    return fua;
  }

  /** The event of its submission. */
  public int startEvent() {
    return startEvent;
  }

  /** The event of its completion; greater than any event if there was none. */
  public int endEvent() {
    return endEvent;
  }

  /** Whether it was completed with an error; what it changed is then uncertain for good. */
  public boolean failed() {
    return failed;
  }

  /**
   * Does to an image of the device what the request did to a part of its range. A discard leaves
   * zeroes, as on the media recorded here.
   *
   * @param from first byte of the part, counted from the start of the range
   */
  public void applyTo(MemorySegment image, long from, long length) {
    MemorySegment target = image.asSlice(byteOffset + from, length);
    if (op == BlockOp.WRITE) {
      target.copyFrom(data.asSlice(from, length));
    } else {
      target.fill((byte) 0);
    }
  }

  @Override
  public String toString() {
    String events = startEvent + ".." + (endEvent == NEVER ? "" : endEvent);
    return op + (fua ? "+FUA " : " ") + lengthBytes + " at " + byteOffset + ", events " + events;
  }
}
