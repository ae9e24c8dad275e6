package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIoException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Walks a log block by block, and reads it a window at a time. Confined to a thread. */
final class LogReader {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;

  private final JournalIo journal;
  private final long firstBlock;
  private final long endBlock;
  private final int windowBlocks;
  private final MemorySegment window;
  private long windowStart;
  private int windowCount;

  /**
   * Makes a reader.
   *
   * @param firstBlock first block of the log
   * @param endBlock where the log wraps around to its first block
   */
  LogReader(JournalIo journal, long firstBlock, long endBlock, Arena arena) {
    this.journal = journal;
    this.firstBlock = firstBlock;
    this.endBlock = endBlock;
    windowBlocks = Math.max(1, WINDOW_BYTES / journal.blockSizeBytes());
    long bytes = (long) windowBlocks * journal.blockSizeBytes();
    window = arena.allocate(bytes, Math.max(PAGE_BYTES, journal.blockSizeBytes()));
  }

  /** Blocks of the log. */
  long lengthBlocks() {
    return endBlock - firstBlock;
  }

  /** The block behind one. */
  long next(long journalBlock) {
    return journalBlock + 1 == endBlock ? firstBlock : journalBlock + 1;
  }

  /** The content of a block, valid until the next call. */
  MemorySegment block(long journalBlock) throws BlockIoException {
    if (journalBlock < windowStart || journalBlock >= windowStart + windowCount) {
      windowCount = 0;
      int count = (int) Math.min(windowBlocks, endBlock - journalBlock);
      journal.read(journalBlock, count, window);
      windowStart = journalBlock;
      windowCount = count;
    }
    long at = (journalBlock - windowStart) * journal.blockSizeBytes();
    return window.asSlice(at, journal.blockSizeBytes());
  }
}
