package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.JournalSuperblock;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the commit thread does with a transaction that is locked: into the log, and from there to
 * the blocks' places. Used by that thread; the space is shared with those who start handles.
 */
final class Committer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final long MEMORY_BYTES_MAX = 32L << 20;
  private static final int TRANSACTION_BYTES_MAX = 16 << 20;
  private static final int CHECKPOINT_BLOCKS = 1024;

  private final BlockIo io;

  /** The journal's device, the same unless it has one of its own. */
  private final BlockIo log;

  private final LogHeader header;
  private final LogMemory memory;
  private final LogWriter writer;
  private final Checkpoint checkpoint;

  /** Guarded by the journal's lock, but for the head, which this thread alone moves. */
  private final LogSpace space;

  /** The journal's. */
  private final ReentrantLock lock;

  /** Number of the next transaction that is written. */
  private int sequence;

  private final LongAdder commits = new LongAdder();
  private final LongAdder blocksCommitted = new LongAdder();
  private final LongAdder checkpoints = new LongAdder();
  private final LongAdder blocksCheckpointed = new LongAdder();

  Committer(BlockIo io, JournalPlace place, int blockSizeBytes, Clock clock, ReentrantLock lock)
      throws BlockIoException {
    this.io = io;
    log = place.io();
    this.lock = lock;
    header = new LogHeader(new JournalIo(place, blockSizeBytes));
    JournalSuperblock superblock = header.superblock();
    writer = new LogWriter(place, superblock, clock);
    space =
        new LogSpace(
            superblock.firstBlock(),
            superblock.endBlock(),
            superblock.headBlock(),
            TRANSACTION_BYTES_MAX / blockSizeBytes);
    memory = new LogMemory(blockSizeBytes);
    checkpoint = new Checkpoint(io, memory, blockSizeBytes);
    sequence = superblock.sequence();
  }

  /** Blocks in the log that one transaction may take. */
  int transactionBlocksMax() {
    return space.transactionBlocksMax();
  }

  /** Whether one transaction may have so many copies and revoked blocks. */
  boolean fitsTransaction(int copies, int revokes) {
    return logBlocks(copies, revokes) <= space.transactionBlocksMax();
  }

  /** Whether such a transaction would fit what is free. Under the lock. */
  boolean hasRoomFor(int copies, int revokes) {
    return logBlocks(copies, revokes) <= space.free();
  }

  /** Whether transactions should be written to their places. */
  boolean isFilling() {
    return space.isFilling() || memory.allocatedBytes() > MEMORY_BYTES_MAX;
  }

  /** Whether there are transactions that could be. For the commit thread. */
  boolean canMakeRoom() {
    return !checkpoint.isEmpty();
  }

  /** Transactions that were written into the log. */
  long commits() {
    return commits.sum();
  }

  /** A transaction whose content was copied, and its place in the log. */
  record Frozen(Transaction transaction, FrozenTransaction content, long start) {}

  /** What was done so far. Under the lock. */
  JournalStats stats(long handles) {
    return new JournalStats(
        commits.sum(),
        handles,
        blocksCommitted.sum(),
        checkpoints.sum(),
        blocksCheckpointed.sum(),
        space.capacity(),
        space.free());
  }

  /** Copies a transaction's content, and takes room for it. Under the lock. */
  Frozen freeze(Transaction transaction) throws IOException {
    FrozenTransaction content =
        FrozenTransaction.freeze(
            transaction, memory, writer.recordsPerRevoke(), writer.tagsPerDescriptor());
    if (content.isEmpty()) {
      return new Frozen(transaction, content, space.head());
    }
    // Handles reserve room; only one that revoked more than was expected makes it scarce.
    while (content.logBlocks() > space.free() && !checkpoint.isEmpty()) {
      makeRoom();
    }
    if (content.logBlocks() > space.free()) {
      throw new IOException(
          "a transaction of "
              + content.logBlocks()
              + " blocks does not fit the journal, which has "
              + space.capacity());
    }
    return new Frozen(transaction, content, space.take(content.logBlocks()));
  }

  /** Writes all of a transaction but its commit block. */
  void log(Frozen frozen) throws BlockIoException {
    FrozenTransaction content = frozen.content;
    if (content.isEmpty()) {
      return;
    }
    content.updateChecksums();
    writer.encode(content, sequence, memory);
    if (header.isEmpty()) {
      header.tail(frozen.start, sequence);
    }
    writer.write(content, space, frozen.start);
  }

  /** Makes a logged transaction durable, and data written before this call. */
  void commit(Frozen frozen) throws BlockIoException {
    io.flush();
    FrozenTransaction content = frozen.content;
    if (content.isEmpty()) {
      return;
    }
    if (log != io) {
      log.flush();
    }
    writer.commit(content, space.behind(frozen.start, content.logBlocks() - 1L), sequence);
    checkpoint.add(content, frozen.start, sequence);
    sequence++;
    commits.increment();
    blocksCommitted.add(content.copies.size());
  }

  /** Writes the oldest transactions to their places and lets the log use their room again. */
  void makeRoom() throws BlockIoException {
    long blocks = checkpoint.write(CHECKPOINT_BLOCKS, blocksCheckpointed);
    checkpoints.increment();
    if (checkpoint.isEmpty()) {
      header.tail(space.head(), sequence);
    } else {
      header.tail(checkpoint.tailBlock(), checkpoint.tailSequence());
    }
    lock.lock();
    try {
      space.give(blocks);
    } finally {
      lock.unlock();
    }
  }

  /** Writes everything to its place and marks the log as empty. */
  void empty() throws BlockIoException {
    while (!checkpoint.isEmpty()) {
      makeRoom();
    }
    if (!header.isEmpty()) {
      header.empty(space.head(), sequence);
    }
  }

  private long logBlocks(int copies, int revokes) {
    return (long) copies
        + Math.ceilDiv(copies, writer.tagsPerDescriptor())
        + Math.ceilDiv(revokes, writer.recordsPerRevoke())
        + LogSpace.COMMIT_BLOCKS;
  }

  /** Says in the journal, if that can still be written, why it was aborted. */
  void recordError(int errno) {
    try {
      header.error(errno);
    } catch (BlockIoException e) {
      LOG.warn("the journal cannot record its error: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    writer.close();
    header.close();
    memory.close();
  }
}
