package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.format.DataBlocks;
import java.util.Arrays;

/**
 * Where the blocks of a journal lie on its device. Immutable once built: a journal never moves
 * while its volume is open.
 */
public final class JournalMap {
  private long[] firsts = new long[4];
  private long[] starts = new long[4];
  private int runs;
  private long lengthBlocks;

  JournalMap() {}

  /** A journal in one piece. */
  static JournalMap contiguous(long startBlockNr, long lengthBlocks) {
    JournalMap map = new JournalMap();
    map.append(startBlockNr, lengthBlocks);
    return map;
  }

  /** Adds what follows; for whoever builds the map. */
  void append(long startBlockNr, long count) {
    if (runs > 0 && starts[runs - 1] + (lengthBlocks - firsts[runs - 1]) == startBlockNr) {
      lengthBlocks += count;
      return;
    }
    if (runs == firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * runs);
      starts = Arrays.copyOf(starts, 2 * runs);
    }
    firsts[runs] = lengthBlocks;
    starts[runs++] = startBlockNr;
    lengthBlocks += count;
  }

  /** Length of the file or device that the journal lies in. */
  public long lengthBlocks() {
    return lengthBlocks;
  }

  /** Where a block of the journal lies. */
  public long blockNr(long journalBlock) {
    int run = runOf(journalBlock);
    return starts[run] + (journalBlock - firsts[run]);
  }

  /** How many blocks from this one on lie in one piece, {@code max} at most. */
  public int runBlocks(long journalBlock, int max) {
    int run = runOf(journalBlock);
    return (int) Math.min(max, endOf(run) - journalBlock);
  }

  /** Number of pieces. */
  public int runs() {
    return runs;
  }

  /** Keeps everything but its own inode off the journal's blocks. */
  public void reserve(DataBlocks dataBlocks, long inodeNr) {
    for (int run = 0; run < runs; run++) {
      dataBlocks.reserveFor(inodeNr, starts[run], endOf(run) - firsts[run]);
    }
  }

  /** Whether a block of the device is one of the journal's. */
  public boolean contains(long blockNr) {
    for (int run = 0; run < runs; run++) {
      if (blockNr >= starts[run] && blockNr < starts[run] + endOf(run) - firsts[run]) {
        return true;
      }
    }
    return false;
  }

  private long endOf(int run) {
    return run + 1 < runs ? firsts[run + 1] : lengthBlocks;
  }

  private int runOf(long journalBlock) {
    if (journalBlock < 0 || journalBlock >= lengthBlocks) {
      throw new IndexOutOfBoundsException("block " + journalBlock + " of the journal");
    }
    int at = Arrays.binarySearch(firsts, 0, runs, journalBlock);
    return at >= 0 ? at : -at - 2;
  }
}
