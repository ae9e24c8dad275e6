package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What has to be done before an inode leaves memory. */
final class InodeEviction {
  private final VolumeReader volume;

  /** Deletes inodes without a name; null where nothing is changed. Set once, before use. */
  private @Nullable InodeRemoval removal;

  InodeEviction(VolumeReader volume) {
    this.volume = volume;
  }

  void removal(InodeRemoval deletes) {
    removal = deletes;
  }

  /** Whether inodes without a name are deleted. */
  boolean deletes() {
    return removal != null && isWritable();
  }

  /** Waits for what is in flight and stores the times. The caller refers to the inode. */
  void settle(LiveInode live) throws IOException {
    RegularFile file = live.file();
    if (file != null) {
      file.settle();
    }
    storeTimes(live);
  }

  /** Stores the times. The caller refers to the inode. */
  void storeTimes(LiveInode live) throws IOException {
    if (!isWritable() || live.inode().linksCount() == 0 || !live.hasUnstoredTimes()) {
      return;
    }
    try (Handle handle = volume.context().journal().start(1)) {
      handle.access(live.block().buffer());
      long stamp = live.fieldLock().writeLock();
      try {
        live.takeTimes();
        live.block().timesChanged(handle);
      } finally {
        live.fieldLock().unlockWrite(stamp);
      }
    }
  }

  /**
   * Deletes an inode that nobody can find any more. If it fails the inode stays among the orphans,
   * pinned, for whoever checks the volume.
   */
  void delete(LiveInode live) throws IOException {
    InodeRemoval deletes = removal;
    if (deletes != null) {
      deletes.delete(live);
      live.block().buffer().close();
    }
  }

  private boolean isWritable() {
    return volume.context().journal().abortErrno() == 0;
  }
}
