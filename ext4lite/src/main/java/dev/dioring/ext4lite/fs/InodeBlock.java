package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An inode on disk and the buffer it lies in, pinned while an inode is in use. Fields are guarded
 * by the inode's own lock; the neighbours in the block belong to other inodes.
 */
final class InodeBlock {
  private final MetadataBuffer buffer;
  private final Inode inode;
  private final long inodeNr;
  private final VolumeContext volume;

  /** The last transaction that changed it; written under the inode's lock, read anywhere. */
  private volatile long changedIn;

  /** The last one that changed what is needed to read its data back. */
  private volatile long dataChangedIn;

  InodeBlock(MetadataBuffer buffer, Inode inode, long inodeNr, VolumeContext volume) {
    this.buffer = buffer;
    this.inode = inode;
    this.inodeNr = inodeNr;
    this.volume = volume;
    // It may have been in use before, and changed in any transaction up to this one.
    changedIn = volume.journal().newestTransaction();
    dataChangedIn = changedIn;
  }

  MetadataBuffer buffer() {
    return buffer;
  }

  Inode inode() {
    return inode;
  }

  long inodeNr() {
    return inodeNr;
  }

  /** Gives the inode fields that it lacks, before a change of its times, which may need them. */
  void growFields() {
    ExtraFields.grow(volume.superblock(), inode);
  }

  /** A time that the inode does not have yet, as it will be when it has. */
  Instant asStored(Instant time) {
    return ExtraFields.keepFractions(inode) ? time : time.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Stores the checksum and marks the block as changed, after a change of the inode. */
  void changed(Handle handle) {
    dataChangedIn = handle.transaction();
    timesChanged(handle);
  }

  /** As {@link #changed}, after a change that reading the data back does not need. */
  void timesChanged(Handle handle) {
    changedIn = handle.transaction();
    inode.updateChecksum(volume.checksums(), inodeNr);
    handle.dirty(buffer);
  }

  /** The transaction that has to be durable for a sync of the file, or of its data. */
  long syncTransaction(boolean dataOnly) {
    return dataOnly ? dataChangedIn : changedIn;
  }
}
