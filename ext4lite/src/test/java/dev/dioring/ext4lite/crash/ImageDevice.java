package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.ForwardingBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.MemorySegment;

/** A device in memory that starts as an image, and gives its content back when it is closed. */
final class ImageDevice extends ForwardingBlockDevice {
  private final MemorySegment image;
  private final MemorySegment medium;

  private ImageDevice(MemoryBlockDevice memory, MemorySegment image) {
    super(memory);
    this.image = image;
    medium = memory.medium();
    medium.copyFrom(image);
  }

  static ImageDevice of(MemorySegment image) {
    return new ImageDevice(new MemoryBlockDevice("state", image.byteSize()), image);
  }

  @Override
  public void close() {
    image.copyFrom(medium);
    super.close();
  }
}
