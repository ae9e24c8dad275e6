package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** When data was last written to a file, as long as its inode does not have it. */
final class WriteTime {
  private static final int MILLIS_PER_SECOND = 1000;
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final long STORED = Long.MIN_VALUE;

  private final Clock clock;

  /** Milliseconds, or {@link #STORED}. */
  private final AtomicLong unstored = new AtomicLong(STORED);

  WriteTime(Clock clock) {
    this.clock = clock;
  }

  /** Data is written now. */
  void note() {
    unstored.set(clock.millis());
  }

  boolean isStored() {
    return unstored.get() == STORED;
  }

  /** The time, or null if the inode has it. */
  @Nullable Instant unstored() {
    long millis = unstored.get();
    return millis == STORED ? null : Instant.ofEpochMilli(millis);
  }

  /** Puts it into the inode, which the caller stores. */
  void putInto(Inode inode) {
    long millis = unstored.getAndSet(STORED);
    if (millis != STORED) {
      long seconds = Math.floorDiv(millis, MILLIS_PER_SECOND);
      int nanos = Math.floorMod(millis, MILLIS_PER_SECOND) * NANOS_PER_MILLI;
      inode.time(InodeStamp.MODIFICATION, seconds, nanos);
      inode.time(InodeStamp.CHANGE, seconds, nanos);
    }
  }
}
