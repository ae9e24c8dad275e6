package dev.dioring.bench;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.block.Capabilities;
import java.util.concurrent.CompletableFuture;

/** The blocking calls of a block device, and those with futures. */
final class DeviceCalls implements FutureTarget.Calls {
  private final BlockDevice device;
  private final BlockIo io;

  DeviceCalls(BlockDevice device) {
    this.device = device;
    io = new BlockIo(device);
  }

  @Override
  public Target.Backend backend() {
    Capabilities capabilities = device.capabilities();
    return new Target.Backend(
        capabilities.backend(), capabilities.reason(), capabilities.features());
  }

  @Override
  public long sizeBytes() {
    return device.geometry().sizeBytes();
  }

  @Override
  public int alignmentBytes() {
    return device.geometry().offsetAlignmentBytes();
  }

  @Override
  public long perform(Turn turn) throws BlockIoException {
    switch (turn.action) {
      case READ -> {
        return io.read(turn.byteOffset, turn.memory);
      }
      case WRITE -> {
        io.write(turn.byteOffset, turn.memory);
        return turn.memory.byteSize();
      }
      case SYNC -> io.flush();
    }
    return 0;
  }

  @Override
  public CompletableFuture<Integer> start(Turn turn) {
    return switch (turn.action) {
      case READ -> io.readAsync(turn.byteOffset, turn.memory);
      case WRITE -> io.writeAsync(turn.byteOffset, turn.memory);
      case SYNC -> io.flushAsync();
    };
  }

  @Override
  public void close() {
    device.close();
  }
}
