package dev.dioring.engine.block;

import dev.dioring.engine.ring.Poller;
import org.jspecify.annotations.Nullable;

/**
 * A device whose cache is taken for safe: flushes end at once, on the thread that submits them, and
 * durable writes are plain ones. What it saves in time a power cut may cost.
 */
public final class UnflushedBlockDevice extends ForwardingBlockDevice {
  private final Geometry geometry;

  public UnflushedBlockDevice(BlockDevice below) {
    super(below);
    geometry = super.geometry().withoutVolatileCache();
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public @Nullable BlockDevice through(Poller poller) {
    BlockDevice other = below().through(poller);
    return other == null ? null : new UnflushedBlockDevice(other);
  }

  @Override
  public void submit(BlockRequest request) {
    if (request.op() == BlockOp.FLUSH) {
      request.complete(0);
    } else {
      request.withoutFua();
      below().submit(request);
    }
  }
}
