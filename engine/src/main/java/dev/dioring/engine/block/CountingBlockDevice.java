package dev.dioring.engine.block;

import dev.dioring.engine.ring.Poller;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A device that counts what is written to it, however it gets there. */
public final class CountingBlockDevice extends ForwardingBlockDevice {
  private final LongAdder writtenBytes;

  public CountingBlockDevice(BlockDevice below) {
    this(below, new LongAdder());
  }

  private CountingBlockDevice(BlockDevice below, LongAdder writtenBytes) {
    super(below);
    this.writtenBytes = writtenBytes;
  }

  /** Bytes of all writes that were submitted. */
  public long writtenBytes() {
    return writtenBytes.sum();
  }

  @Override
  public @Nullable BlockDevice through(Poller poller) {
    BlockDevice other = below().through(poller);
    return other == null ? null : new CountingBlockDevice(other, writtenBytes);
  }

  @Override
  public void submit(BlockRequest request) {
    if (request.op() == BlockOp.WRITE) {
      writtenBytes.add(request.lengthBytes());
    }
    below().submit(request);
  }
}
