package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * An inode in use, one object per number. Its fields on disk are guarded by {@link #fieldLock}, the
 * names in a directory by {@link #namesLock}.
 *
 * <p>Rank: names, then the file's I/O, then a journal handle, then the fields, which are also the
 * extent tree's lock.
 */
final class LiveInode {
  private final InodeBlock block;
  private final Ext4Inode view;
  private final ExtentTree tree;
  private final ReentrantReadWriteLock names = new ReentrantReadWriteLock();

  /** Guarded by the cache's lock, like {@link #file} and {@link #evicting}. */
  private long references;

  private boolean evicting;

  /** When it was last read, if its fields do not have that yet; any reader's. */
  private volatile @Nullable Instant unstoredAccess;

  private @Nullable RegularFile file;

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

  /**
   * Puts the time of the last write into the fields, before they get a later one. The caller holds
   * {@link #fieldLock} for writing and stores the inode.
   */
  void takeWriteTime() {
    RegularFile written = file;
    if (written != null) {
      written.takeWriteTime();
    }
  }

  boolean isEvicting() {
    return evicting;
  }

  void evicting(boolean on) {
    evicting = on;
  }

  /** Adds references, or drops them. @return how many there are now */
  long addReferences(long count) {
    references += count;
    return references;
  }

  @Override
  public String toString() {
    return "inode " + inodeNr() + " references " + references;
  }
}
