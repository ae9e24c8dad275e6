package dev.dioring.ext4lite.fs;

import org.jspecify.annotations.Nullable;

/**
 * Inodes that stay in memory without being in use, from the one that has not been used for longest
 * to the one used last. An inode is in one such list at most. Not thread-safe.
 */
final class IdleInodes {
  private @Nullable LiveInode first;
  private @Nullable LiveInode last;
  private int count;

  int count() {
    return count;
  }

  @Nullable LiveInode first() {
    return first;
  }

  void add(LiveInode live) {
    LiveInode before = last;
    live.idleIn = this;
    live.idleBefore = before;
    if (before == null) {
      first = live;
    } else {
      before.idleBehind = live;
    }
    last = live;
    count++;
  }

  /** Takes an inode out of the list that it is in, if it is in one. */
  static void remove(LiveInode live) {
    IdleInodes list = live.idleIn;
    if (list != null) {
      list.unlink(live);
    }
  }

  private void unlink(LiveInode live) {
    LiveInode before = live.idleBefore;
    LiveInode behind = live.idleBehind;
    if (before == null) {
      first = behind;
    } else {
      before.idleBehind = behind;
    }
    if (behind == null) {
      last = before;
    } else {
      behind.idleBefore = before;
    }
    live.idleBefore = null;
    live.idleBehind = null;
    live.idleIn = null;
    count--;
  }
}
