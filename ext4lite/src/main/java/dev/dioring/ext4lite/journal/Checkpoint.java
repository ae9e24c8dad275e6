package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What is durable in the log and not in its place yet. Of several copies of a block only the newest
 * is written; the cached buffer stays in memory until then, because its place holds older content.
 * Used by the thread that commits, which so never writes a block while a later transaction gives it
 * away.
 */
final class Checkpoint {
  private static final int IN_FLIGHT_MAX = 64;

  /** A transaction in the log. */
  private record Logged(long start, long blocks, int sequence, FrozenTransaction content) {}

  private final BlockIo io;
  private final LogMemory memory;
  private final int blockSizeBytes;

  /** From the oldest to the newest. */
  private final ArrayDeque<Logged> logged = new ArrayDeque<>();

  private final Map<Long, FrozenTransaction.Copy> newest = new HashMap<>();

  Checkpoint(BlockIo io, LogMemory memory, int blockSizeBytes) {
    this.io = io;
    this.memory = memory;
    this.blockSizeBytes = blockSizeBytes;
  }

  boolean isEmpty() {
    return logged.isEmpty();
  }

  /** First block in the log of the oldest transaction. */
  long tailBlock() {
    return logged.getFirst().start;
  }

  /** Number of the oldest transaction. */
  int tailSequence() {
    return logged.getFirst().sequence;
  }

  /** Takes over a transaction that has just become durable. */
  void add(FrozenTransaction content, long start, int sequence) {
    logged.addLast(new Logged(start, content.logBlocks(), sequence, content));
    content.giveLogOnly(memory);
    for (long blockNr : content.revoked) {
      FrozenTransaction.Copy old = newest.remove(blockNr);
      if (old != null) {
        retire(old);
      }
    }
    for (FrozenTransaction.Copy copy : content.copies) {
      FrozenTransaction.Copy old = newest.put(copy.blockNr(), copy);
      if (old != null) {
        supersede(old);
      }
    }
  }

  /**
   * Writes the oldest transactions to their places, durably, until they would have written so many
   * blocks, and forgets them.
   *
   * @param written counts the blocks
   * @return blocks of the log that are not needed any more once its tail is moved
   */
  long write(int blocksWanted, LongAdder written) throws BlockIoException {
    List<FrozenTransaction.Copy> batch = new ArrayList<>();
    long logBlocks = 0;
    int transactions = 0;
    for (Logged transaction : logged) {
      if (batch.size() >= blocksWanted) {
        break;
      }
      transaction.content.copies.stream().filter(copy -> copy.live).forEach(batch::add);
      logBlocks += transaction.blocks;
      transactions++;
    }
    batch.sort(Comparator.comparingLong(FrozenTransaction.Copy::blockNr));
    PendingWrites writes = new PendingWrites(io, IN_FLIGHT_MAX);
    try {
      for (FrozenTransaction.Copy copy : batch) {
        writes.add(copy.blockNr() * blockSizeBytes, copy.content.memory());
      }
    } finally {
      writes.await();
    }
    io.flush();
    written.add(batch.size());
    for (FrozenTransaction.Copy copy : batch) {
      newest.remove(copy.blockNr());
      retire(copy);
    }
    for (int i = 0; i < transactions; i++) {
      logged.removeFirst();
    }
    return logBlocks;
  }

  /** A newer copy of the block is durable; the buffer stays pinned for that one. */
  private void supersede(FrozenTransaction.Copy old) {
    old.live = false;
    memory.give(old.content);
    old.buffer.close();
  }

  /** The block is in its place, or has none any more. */
  private void retire(FrozenTransaction.Copy copy) {
    copy.live = false;
    memory.give(copy.content);
    copy.buffer.endWrite();
    copy.buffer.close();
  }
}
