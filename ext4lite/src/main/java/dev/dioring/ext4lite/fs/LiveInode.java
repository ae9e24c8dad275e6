package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * An inode in memory, one object per number. Its fields on disk are guarded by {@link #fieldLock},
 * the names in a directory by {@link #namesLock}. Whoever works with it refers to it: without
 * references it may go at any time, and its memory with it.
 *
 * <p>Rank: names, then the file's I/O, then a journal handle, then the fields, which are also the
 * extent tree's lock.
 */
final class LiveInode {
  private final InodeBlock block;
  private final Ext4Inode view;
  private final ExtentTree tree;
  private final ReentrantReadWriteLock names = new ReentrantReadWriteLock();

  // Guarded by the cache's lock.

  /** Operations, open files and delayed writes, but not what the front has looked up. */
  private int references;

  /** Counts those who began to refer to it. */
  private int uses;

  private boolean evicting;
  @Nullable LiveInode nextInBucket;
  @Nullable IdleInodes idleIn;
  @Nullable LiveInode idleBefore;
  @Nullable LiveInode idleBehind;

  /** Whether it is among the orphans, who refer to it by this object. Set under their lock. */
  private volatile boolean orphan;

  /** When it was last read, if its fields do not have that yet; any reader's. */
  private volatile @Nullable Instant unstoredAccess;

  /** Set once, under the cache's lock. */
  private volatile @Nullable RegularFile file;

  LiveInode(VolumeReader volume, InodeBlock block) {
    this.block = block;
    view = new Ext4Inode(volume, block.inodeNr(), block.inode());
    tree = new ExtentTree(volume.context(), block.inode(), block.inodeNr());
  }

  long inodeNr() {
    return block.inodeNr();
  }

  /** Its place on disk, pinned while it is in use. */
  InodeBlock block() {
    return block;
  }

  /** Its fields on disk; under {@link #fieldLock}. */
  Inode inode() {
    return block.inode();
  }

  /** The fields as the reading classes want them: a view, not a copy. */
  Ext4Inode view() {
    return view;
  }

  FileKind kind() {
    return view.kind();
  }

  boolean isDirectory() {
    return view.isDirectory();
  }

  ExtentTree tree() {
    return tree;
  }

  /** Guards the inode's fields on disk and its extents. */
  StampedLock fieldLock() {
    return tree.lock();
  }

  /** Guards the entries of a directory, its size and its extents. */
  ReentrantReadWriteLock namesLock() {
    return names;
  }

  /** What the direct-I/O layer knows it as, once it was opened. */
  @Nullable RegularFile file() {
    return file;
  }

  void file(RegularFile opened) {
    file = opened;
  }

  @Nullable Instant unstoredAccess() {
    return unstoredAccess;
  }

  void unstoredAccess(@Nullable Instant time) {
    unstoredAccess = time;
  }

  /** Whether the disk lacks a time that the inode has. */
  boolean hasUnstoredTimes() {
    RegularFile opened = file;
    return unstoredAccess != null || (opened != null && opened.unstoredTime() != null);
  }

  /**
   * Puts the times of the last write and access into the fields, before they get later ones. The
   * caller holds {@link #fieldLock} for writing and stores the inode.
   */
  void takeTimes() {
    RegularFile written = file;
    if (written != null) {
      written.takeWriteTime();
    } else {
      block.growFields();
    }
    Instant access = unstoredAccess;
    if (access != null) {
      unstoredAccess = null;
      block.inode().time(InodeStamp.ACCESS, access.getEpochSecond(), access.getNano());
    }
  }

  boolean isEvicting() {
    return evicting;
  }

  void evicting(boolean on) {
    evicting = on;
  }

  boolean isOrphan() {
    return orphan;
  }

  void orphan(boolean on) {
    orphan = on;
  }

  /** Whether nothing is lost when it leaves memory: no I/O, no time that is not stored. */
  boolean isSettled() {
    RegularFile opened = file;
    return unstoredAccess == null && (opened == null || opened.isSettled());
  }

  /** Whether somebody has yet to be told of a write that failed. */
  boolean hasFailure() {
    RegularFile opened = file;
    return opened != null && opened.hasFailure();
  }

  int references() {
    return references;
  }

  int uses() {
    return uses;
  }

  /** One more refers to it. */
  void refer() {
    references++;
    uses++;
  }

  /** One less refers to it. @return how many do */
  int unrefer() {
    return --references;
  }

  /** Nobody refers to it any more, whoever did. */
  void dropReferences() {
    references = 0;
  }

  @Override
  public String toString() {
    return "inode " + inodeNr() + " references " + references;
  }
}
