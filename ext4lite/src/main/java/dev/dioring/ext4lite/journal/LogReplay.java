package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.JournalHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the copies of a plan to where they belong. The log is read in its order, a window at a
 * time, while the copies of the window before are being written; neighbours are written together.
 */
final class LogReplay {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;

  private final JournalIo journal;
  private final BlockIo io;
  private final int blockSizeBytes;
  private final int windowBlocks;

  /**
   * Makes a replay.
   *
   * @param io the volume's device
   */
  LogReplay(JournalIo journal, BlockIo io) {
    this.journal = journal;
    this.io = io;
    blockSizeBytes = journal.blockSizeBytes();
    windowBlocks = Math.max(1, WINDOW_BYTES / blockSizeBytes);
  }

  /** Writes all copies in place, without a flush. */
  void write(RedoPlan plan) throws BlockIoException {
    List<RedoPlan.Copy> copies = plan.inLogOrder();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment window = allocate(arena, windowBlocks);
      MemorySegment other = allocate(arena, windowBlocks);
      PendingWrites writes = new PendingWrites(io, windowBlocks);
      try {
        for (int from = 0; from < copies.size(); ) {
          int end = windowEnd(copies, from);
          load(copies.subList(from, end), window);
          writes.await();
          start(copies.subList(from, end), window, writes);
          MemorySegment free = other;
          other = window;
          window = free;
          from = end;
        }
      } finally {
        // Their memory goes away, whatever happened.
        writes.await();
      }
    }
  }

  /** The content of all copies by the blocks they belong to, in memory of the arena. */
  Map<Long, MemorySegment> read(RedoPlan plan, Arena arena) throws BlockIoException {
    Map<Long, MemorySegment> content = new HashMap<>();
    List<RedoPlan.Copy> copies = plan.inLogOrder();
    for (int from = 0; from < copies.size(); ) {
      long first = copies.get(from).journalBlock();
      int end = windowEnd(copies, from);
      long last = copies.get(end - 1).journalBlock();
      MemorySegment window = allocate(arena, (int) (last - first + 1));
      load(copies.subList(from, end), window);
      for (RedoPlan.Copy copy : copies.subList(from, end)) {
        long at = (copy.journalBlock() - first) * blockSizeBytes;
        content.put(copy.blockNr(), window.asSlice(at, blockSizeBytes));
      }
      from = end;
    }
    return content;
  }

  /** The first copy behind {@code from} that one window cannot hold as well. */
  private int windowEnd(List<RedoPlan.Copy> copies, int from) {
    long first = copies.get(from).journalBlock();
    int end = from;
    while (end < copies.size() && copies.get(end).journalBlock() < first + windowBlocks) {
      end++;
    }
    return end;
  }

  /** Reads copies, and what lies between them, as they have to be in the filesystem. */
  private void load(List<RedoPlan.Copy> copies, MemorySegment window) throws BlockIoException {
    long first = copies.get(0).journalBlock();
    int count = (int) (copies.get(copies.size() - 1).journalBlock() - first + 1);
    journal.read(first, count, window);
    for (RedoPlan.Copy copy : copies) {
      if (copy.escaped()) {
        JournalHeader.unescape(window, (copy.journalBlock() - first) * blockSizeBytes);
      }
    }
  }

  private void start(List<RedoPlan.Copy> copies, MemorySegment window, PendingWrites writes) {
    long first = copies.get(0).journalBlock();
    for (int from = 0; from < copies.size(); ) {
      RedoPlan.Copy copy = copies.get(from);
      int count = 1;
      while (from + count < copies.size()
          && count < journal.transferBlocksMax()
          && copies.get(from + count).journalBlock() == copy.journalBlock() + count
          && copies.get(from + count).blockNr() == copy.blockNr() + count) {
        count++;
      }
      MemorySegment run =
          window.asSlice(
              (copy.journalBlock() - first) * blockSizeBytes, (long) count * blockSizeBytes);
      writes.add(copy.blockNr() * blockSizeBytes, run);
      from += count;
    }
  }

  private MemorySegment allocate(Arena arena, int blocks) {
    return arena.allocate((long) blocks * blockSizeBytes, Math.max(PAGE_BYTES, blockSizeBytes));
  }
}
