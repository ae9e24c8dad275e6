package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import java.time.Clock;
import java.time.Instant;

/**
 * Notes when inodes are read, in memory, as the kernel does with lazytime: the disk has it once the
 * inode is stored for another reason or is no longer in use.
 */
final class AccessNotes {
  private static final long DAY_SECONDS = 24 * 60 * 60;

  private final AccessTimes files;
  private final AccessTimes directories;
  private final Clock clock;

  AccessNotes(Behaviour behaviour, boolean writable, Clock clock) {
    files = writable ? behaviour.accessTimes() : AccessTimes.NEVER;
    directories = writable ? behaviour.directoryAccessTimes() : AccessTimes.NEVER;
    this.clock = clock;
  }

  /** An inode was read. No waiting; a change of its times at the same moment may win. */
  void read(LiveInode live) {
    AccessTimes when = live.isDirectory() ? directories : files;
    if (when == AccessTimes.NEVER || live.inode().has(Inode.FLAG_NOATIME)) {
      return;
    }
    if (when == AccessTimes.ALWAYS || isOld(live)) {
      live.unstoredAccess(clock.instant());
    }
  }

  private boolean isOld(LiveInode live) {
    Inode inode = live.inode();
    Instant unstored = live.unstoredAccess();
    long seconds = unstored == null ? inode.seconds(InodeStamp.ACCESS) : unstored.getEpochSecond();
    int nanos = unstored == null ? inode.nanos(InodeStamp.ACCESS) : unstored.getNano();
    RegularFile file = live.file();
    Instant written = file == null ? null : file.unstoredTime();
    return !isBefore(
            inode.seconds(InodeStamp.MODIFICATION),
            inode.nanos(InodeStamp.MODIFICATION),
            seconds,
            nanos)
        || !isBefore(
            inode.seconds(InodeStamp.CHANGE), inode.nanos(InodeStamp.CHANGE), seconds, nanos)
        || (written != null
            && !isBefore(written.getEpochSecond(), written.getNano(), seconds, nanos))
        || clock.millis() / 1000 - seconds >= DAY_SECONDS;
  }

  private static boolean isBefore(long seconds, int nanos, long thanSeconds, int thanNanos) {
    return seconds < thanSeconds || (seconds == thanSeconds && nanos < thanNanos);
  }
}
