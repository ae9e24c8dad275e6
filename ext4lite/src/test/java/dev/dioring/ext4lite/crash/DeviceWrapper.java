package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.Capabilities;
import dev.dioring.engine.block.Geometry;
import dev.dioring.engine.memory.BufferPool;

/** Passes everything on to the device below. */
class DeviceWrapper implements BlockDevice {
  private final BlockDevice below;

  DeviceWrapper(BlockDevice below) {
    this.below = below;
  }

  BlockDevice below() {
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
  public void close() {
    below.close();
  }
}
