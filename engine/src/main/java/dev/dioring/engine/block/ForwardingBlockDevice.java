package dev.dioring.engine.block;

import dev.dioring.engine.memory.BufferPool;

/**
 * A device that passes everything on to the one below it, which is closed with it; to be extended
 * by what changes some of that.
 */
public abstract class ForwardingBlockDevice implements BlockDevice {
  private final BlockDevice below;

  protected ForwardingBlockDevice(BlockDevice below) {
    this.below = below;
  }

  protected final BlockDevice below() {
    return below;
  }

  @Override
  public Geometry geometry() {
    return below.geometry();
  }

  @Override
  public Capabilities capabilities() {
    return below.capabilities();
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
    below.submit(request);
  }

  @Override
  public boolean completesInSubmit() {
    return below.completesInSubmit();
  }

  @Override
  public int inFlight() {
    return below.inFlight();
  }

  @Override
  public void close() {
    below.close();
  }
}
