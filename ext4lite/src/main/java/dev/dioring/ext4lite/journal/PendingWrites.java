package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A row of writes with a bounded number in flight, to be awaited any number of times. Whoever began
 * one must {@link #await} before the memory is used for anything else. Confined to a thread.
 */
final class PendingWrites {
  private final BlockIo io;
  private final int inFlightMax;
  private final ArrayDeque<CompletableFuture<Integer>> writes = new ArrayDeque<>();
  private @Nullable BlockIoException failure;

  PendingWrites(BlockIo io, int inFlightMax) {
    this.io = io;
    this.inFlightMax = inFlightMax;
  }

  /** Begins a write, unless one has failed; parks while too many are in flight. */
  void add(long byteOffset, MemorySegment memory) {
    if (failure != null) {
      return;
    }
    if (writes.size() == inFlightMax) {
      awaitFirst();
    }
    writes.add(io.writeAsync(byteOffset, memory));
  }

  /**
   * Waits until every write has ended, failed or not.
   *
   * @throws BlockIoException the first failure
   */
  void await() throws BlockIoException {
    while (!writes.isEmpty()) {
      awaitFirst();
    }
    BlockIoException first = failure;
    if (first != null) {
      throw first;
    }
  }

  private void awaitFirst() {
    try {
      writes.remove().join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof BlockIoException cause)) {
        throw e;
      }
      if (failure == null) {
        failure = cause;
      }
    }
  }
}
