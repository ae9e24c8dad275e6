package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Mmap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Memory for content that is written later: pieces of a few sizes, each of them bounded in number.
 * Pages are touched when they are first used, and what was given back last is used first. Any
 * thread.
 */
final class DelayedMemory {
  /** A piece in use or idle. */
  record Piece(MemorySegment memory, int sizeClass) {
    long bytes() {
      return memory.byteSize();
    }
  }

  private static final int[] BYTES = {8 << 10, 64 << 10, 256 << 10};
  private static final int[] COUNTS = {2048, 128, 32};

  /** One in so many pieces of a size is left: time to write. */
  private static final int SCARCE = 4;

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final ArrayDeque<Piece>[] idle;

  @SuppressWarnings({"unchecked", "rawtypes"})
  DelayedMemory(Arena arena) {
    idle = new ArrayDeque[BYTES.length];
    for (int c = 0; c < BYTES.length; c++) {
      MemorySegment all = Mmap.onDemand(arena, (long) BYTES[c] * COUNTS[c]);
      idle[c] = new ArrayDeque<>(COUNTS[c]);
      for (int i = 0; i < COUNTS[c]; i++) {
        idle[c].add(new Piece(all.asSlice((long) i * BYTES[c], BYTES[c]), c));
      }
    }
  }

  /** The most that one piece holds. */
  static int bytesMax() {
    return BYTES[BYTES.length - 1];
  }

  /** A piece of at least so many bytes, or null if there is none. */
  @Nullable Piece take(long bytes) {
    for (int c = 0; c < BYTES.length; c++) {
      if (bytes <= BYTES[c]) {
        lock.lock();
        try {
          return idle[c].pollFirst();
        } finally {
          lock.unlock();
        }
      }
    }
    return null;
  }

  void giveBack(Piece piece) {
    lock.lock();
    try {
      idle[piece.sizeClass].addFirst(piece);
    } finally {
      lock.unlock();
    }
  }

  /** Whether pieces of some size run out. */
  boolean isScarce() {
    lock.lock();
    try {
      for (int c = 0; c < BYTES.length; c++) {
        if (idle[c].size() < COUNTS[c] / SCARCE) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }
}
