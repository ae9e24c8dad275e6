package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import java.util.concurrent.locks.ReentrantLock;

/** Flushes for many callers at once: whoever comes while one is under way shares the next. */
final class SharedFlush {
  private final BlockIo io;

  /** Held by the caller that flushes for all. */
  private final ReentrantLock flushing = new ReentrantLock();

  /** Flushes begun, and the last one that succeeded; written under the lock. */
  private volatile long begun;

  private volatile long succeeded;

  SharedFlush(BlockIo io) {
    this.io = io;
  }

  /** Makes durable what was written before this call. Parks. */
  void flush() throws BlockIoException {
    long seen = begun;
    flushing.lock();
    try {
      // One that began after this call covers it.
      if (succeeded > seen) {
        return;
      }
      long number = begun + 1;
      begun = number;
      io.flush();
      succeeded = number;
    } finally {
      flushing.unlock();
    }
  }
}
