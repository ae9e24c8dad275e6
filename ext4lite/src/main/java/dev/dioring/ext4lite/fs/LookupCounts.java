package dev.dioring.ext4lite.fs;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How often the front has looked each inode up and not forgotten it: a byte per inode as long as
 * that is enough, so that a kernel may know millions of them. Inodes whose numbers are near each
 * other share a chunk, which goes with the last of them. Not thread-safe.
 */
final class LookupCounts {
  private static final int CHUNK_SHIFT = 6;
  private static final int CHUNK = 1 << CHUNK_SHIFT;
  private static final int TABLE_SHIFT = 10;
  private static final int TABLE = 1 << TABLE_SHIFT;
  private static final int LOW_BITS = 8;
  private static final int LOW_MASK = (1 << LOW_BITS) - 1;

  /** Counts of neighbouring inodes, in two digits of which the higher is seldom needed. */
  private static final class Chunk {
    private final byte[] low = new byte[CHUNK];
    private long @Nullable [] high;
    private int counted;

    long get(int index) {
      long[] carries = high;
      return (carries == null ? 0 : carries[index] << LOW_BITS) + (low[index] & LOW_MASK);
    }

    void set(int index, long count) {
      counted += (count == 0 ? 0 : 1) - (get(index) == 0 ? 0 : 1);
      low[index] = (byte) count;
      if (count > LOW_MASK && high == null) {
        high = new long[CHUNK];
      }
      if (high != null) {
        high[index] = count >>> LOW_BITS;
      }
    }
  }

  /** Chunks of neighbouring numbers. */
  private static final class Table {
    private final @Nullable Chunk[] chunks = new @Nullable Chunk[TABLE];
    private int used;
  }

  private final @Nullable Table[] tables;
  private long counted;

  /**
   * Makes counts of 0.
   *
   * @param inodes numbers there are, from 1 on
   */
  LookupCounts(long inodes) {
    tables = new @Nullable Table[(int) (inodes >>> (CHUNK_SHIFT + TABLE_SHIFT)) + 1];
  }

  /** Inodes that were looked up. */
  long inodes() {
    return counted;
  }

  long get(long inodeNr) {
    Chunk chunk = chunk(inodeNr);
    return chunk == null ? 0 : chunk.get((int) inodeNr & (CHUNK - 1));
  }

  /** Counts one more. */
  void increment(long inodeNr) {
    int place = (int) (inodeNr >>> (CHUNK_SHIFT + TABLE_SHIFT));
    Table table = tables[place];
    if (table == null) {
      table = new Table();
      tables[place] = table;
    }
    int slot = (int) (inodeNr >>> CHUNK_SHIFT) & (TABLE - 1);
    Chunk chunk = table.chunks[slot];
    if (chunk == null) {
      chunk = new Chunk();
      table.chunks[slot] = chunk;
      table.used++;
    }
    int index = (int) inodeNr & (CHUNK - 1);
    long count = chunk.get(index);
    counted += count == 0 ? 1 : 0;
    chunk.set(index, count + 1);
  }

  /** Takes some away, or all there are if that is less. @return how many are left */
  long drop(long inodeNr, long count) {
    Chunk chunk = chunk(inodeNr);
    if (chunk == null) {
      return 0;
    }
    int index = (int) inodeNr & (CHUNK - 1);
    long before = chunk.get(index);
    // The count comes from the front, as an unsigned number.
    long left = Long.compareUnsigned(count, before) >= 0 ? 0 : before - count;
    chunk.set(index, left);
    if (left == 0 && before > 0) {
      counted--;
      dropIfEmpty(inodeNr, chunk);
    }
    return left;
  }

  /** Forgets all. */
  void clear() {
    Arrays.fill(tables, null);
    counted = 0;
  }

  private @Nullable Chunk chunk(long inodeNr) {
    long place = inodeNr >>> (CHUNK_SHIFT + TABLE_SHIFT);
    Table table = place >= 0 && place < tables.length ? tables[(int) place] : null;
    return table == null ? null : table.chunks[(int) (inodeNr >>> CHUNK_SHIFT) & (TABLE - 1)];
  }

  private void dropIfEmpty(long inodeNr, Chunk chunk) {
    int place = (int) (inodeNr >>> (CHUNK_SHIFT + TABLE_SHIFT));
    Table table = tables[place];
    if (table == null || chunk.counted > 0) {
      return;
    }
    table.chunks[(int) (inodeNr >>> CHUNK_SHIFT) & (TABLE - 1)] = null;
    if (--table.used == 0) {
      tables[place] = null;
    }
  }
}
