package dev.dioring.ext4lite.buffer;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockRequest;
import java.lang.foreign.MemorySegment;

/** Adjacent buffers that are read in one vectored transfer; their loading locks are held. */
final class ReadAhead {
  private final BlockIo io;
  private final int blockSizeBytes;
  private final MetadataBuffer[] buffers = new MetadataBuffer[BlockRequest.VECTOR_MAX];
  private final MemorySegment[] segments = new MemorySegment[BlockRequest.VECTOR_MAX];
  private int count;

  ReadAhead(BlockIo io, int blockSizeBytes) {
    this.io = io;
    this.blockSizeBytes = blockSizeBytes;
  }

  /** Adds the buffer behind the last one. @return how many there are now */
  int add(MetadataBuffer buffer) {
    buffers[count] = buffer;
    segments[count] = buffer.data();
    return ++count;
  }

  /** Reads what was added and unlocks it; what could not be read stays unloaded. */
  void read() {
    if (count == 0) {
      return;
    }
    BlockIo.Waiter request = new BlockIo.Waiter();
    request.readv(buffers[0].blockNr() * blockSizeBytes, segments, count);
    int result = io.call(request);
    for (int i = 0; i < count; i++) {
      if (result >= (i + 1) * blockSizeBytes) {
        buffers[i].setLoaded();
      }
      buffers[i].loading().unlock();
      buffers[i].close();
    }
    count = 0;
  }
}
