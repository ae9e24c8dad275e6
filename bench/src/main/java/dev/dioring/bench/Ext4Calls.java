package dev.dioring.bench;

import dev.dioring.ext4lite.fs.Ext4Exception;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The blocking calls of a file in an ext4 image, and those with futures. */
final class Ext4Calls implements FutureTarget.Calls {
  private static final int EIO = 5;

  private final Ext4Medium medium;

  Ext4Calls(Ext4Medium medium) {
    this.medium = medium;
  }

  @Override
  public Target.Backend backend() {
    return medium.backend();
  }

  @Override
  public long sizeBytes() {
    return medium.file().sizeBytes();
  }

  @Override
  public int alignmentBytes() {
    return medium.alignmentBytes();
  }

  @Override
  public long perform(Turn turn) {
    return switch (turn.action) {
      case READ -> medium.file().io().read(turn.byteOffset, turn.memory, 0);
      case WRITE -> medium.file().io().write(turn.byteOffset, turn.memory, 0);
      case SYNC -> sync(medium, turn);
    };
  }

  @Override
  public CompletableFuture<Long> start(Turn turn) {
    return switch (turn.action) {
      case READ -> medium.file().io().readAsync(turn.byteOffset, turn.memory, 0);
      case WRITE -> medium.file().io().writeAsync(turn.byteOffset, turn.memory, 0);
      case SYNC ->
          // A sync blocks, so it has a thread of its own.
          CompletableFuture.supplyAsync(() -> sync(medium, turn), Thread::startVirtualThread);
    };
  }

  /** Makes the file's writes durable. @return 0 or {@code -errno} */
  static long sync(Ext4Medium medium, Turn turn) {
    try {
      medium.file().sync(turn.job.spec().fdatasync());
      return 0;
    } catch (Ext4Exception e) {
      turn.job.failed(e.getMessage());
      return -EIO;
    }
  }

  @Override
  public Map<String, Long> counters() {
    return medium.counters();
  }

  @Override
  public void close() throws BenchException {
    medium.close();
  }
}
