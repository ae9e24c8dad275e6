package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a volume by inode number and by names of bytes, for fronts that keep references of
 * their own, as FUSE does. Thread-safe; operations in different directories run in parallel. Nobody
 * is asked for permission here: that is the front's business.
 *
 * <p>What {@link #lookup} and everything that makes a file return is referred to once more by the
 * caller, until {@link #forget}: meanwhile the number stays the same file, unlinked or not.
 *
 * <p>All methods throw {@link Ext4Exception} with the errno that Linux gives; besides those named,
 * ENOENT for a number that is no file's, EUCLEAN, EIO, and EROFS of whatever changes something.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Ext4Namespace {
  /** {@link #rename}: fails with EEXIST if the new name exists. */
  public static final int RENAME_NOREPLACE = 1;

  /** {@link #rename}: both names exist and change places. */
  public static final int RENAME_EXCHANGE = 2;

  /** {@link #setXattr}: fails with EEXIST if the attribute exists. */
  public static final int XATTR_CREATE = 1;

  /** {@link #setXattr}: fails with ENODATA if the attribute does not exist. */
  public static final int XATTR_REPLACE = 2;

  private final Ext4Volume volume;
  private final VolumeReader reader;
  private final InodeCache inodes;
  private final int blockSizeBytes;

  Ext4Namespace(Ext4Volume volume, VolumeReader reader) {
    this.volume = volume;
    this.reader = reader;
    inodes = reader.inodes();
    blockSizeBytes = reader.context().groups().blockSizeBytes();
  }

  /** What is done with an inode in use. */
  @FunctionalInterface
  private interface Use<T extends @Nullable Object> {
    T with(LiveInode inode) throws IOException;
  }

  /**
   * Finds a name in a directory, "." and ".." too, and refers to what it leads to.
   *
   * @return null if there is no such name
   * @throws Ext4Exception ENOTDIR, ENAMETOOLONG
   */
  public @Nullable InodeAttributes lookup(long parentNr, byte[] name) throws Ext4Exception {
    return using(
        "looking up a name in",
        parentNr,
        parent -> {
          requireDirectory(parent);
          LiveInode found = find(parent, name);
          return found == null ? null : attributes(found);
        });
  }

  /** Refers to an inode once more, as {@link #lookup} does. */
  public InodeAttributes refer(long inodeNr) throws Ext4Exception {
    return using(
        "referring to",
        inodeNr,
        inode -> {
          inodes.refer(inode, 1);
          return attributes(inode);
        });
  }

  /**
   * Drops references that {@link #lookup} and its like gave. A file without names goes with the
   * last one.
   */
  public void forget(long inodeNr, long references) throws Ext4Exception {
    LiveInode live = inodes.find(inodeNr);
    if (live == null) {
      return;
    }
    try {
      inodes.release(live, references);
    } catch (IOException e) {
      throw Failures.explain("forgetting " + describe(inodeNr), e);
    }
  }

  /** What stat tells of an inode. */
  public InodeAttributes attributes(long inodeNr) throws Ext4Exception {
    return using("attributes of", inodeNr, this::attributes);
  }

  /**
   * Lists a directory.
   *
   * @param cookie 0 for all, or the cookie of an entry to go on behind it
   * @throws Ext4Exception ENOTDIR
   */
  public void readDirectory(long inodeNr, long cookie, EntrySink sink) throws Ext4Exception {
    using(
        "listing",
        inodeNr,
        directory -> {
          requireDirectory(directory);
          directory.namesLock().readLock().lock();
          try {
            new DirectoryListing(reader, directory.view()).list(cookie, sink);
          } finally {
            directory.namesLock().readLock().unlock();
          }
          return directory;
        });
  }

  /** Where a symbolic link points. @throws Ext4Exception EINVAL, ENOKEY */
  public byte[] readLink(long inodeNr) throws Ext4Exception {
    return using(
        "reading the link",
        inodeNr,
        link -> {
          if (link.kind() != FileKind.SYMLINK) {
            throw new Ext4Exception(describe(inodeNr), Errno.EINVAL, "it is not a symbolic link");
          }
          return SymlinkTarget.read(reader, link.view());
        });
  }

  /**
   * Opens a regular file for direct I/O.
   *
   * @throws Ext4Exception EISDIR, EINVAL, EROFS, EPERM, EOPNOTSUPP, ENOKEY
   */
  public Ext4File open(long inodeNr, boolean writable) throws Ext4Exception {
    return volume.openFile(inodeNr, writable);
  }

  /** The names of an inode's extended attributes, with their prefixes. */
  public List<String> xattrNames(long inodeNr) throws Ext4Exception {
    return using("attributes of", inodeNr, inode -> new Xattrs(reader, inode.view()).names());
  }

  /** The value of an extended attribute, or null; ACLs in the form that getxattr gives. */
  public byte @Nullable [] xattr(long inodeNr, String name) throws Ext4Exception {
    return this.<byte @Nullable []>using(
        "attributes of", inodeNr, inode -> new Xattrs(reader, inode.view()).value(name));
  }

  /**
   * Makes a regular file.
   *
   * @throws Ext4Exception EEXIST, ENOTDIR, ENOENT in a directory that was removed, ENAMETOOLONG,
   *     EPERM in an immutable directory, ENOSPC
   */
  public InodeAttributes create(long parentNr, byte[] name, NewInode file) throws Ext4Exception {
    throw notYet();
  }

  /** Makes a directory. @throws Ext4Exception as {@link #create}, and EMLINK */
  public InodeAttributes makeDirectory(long parentNr, byte[] name, NewInode directory)
      throws Ext4Exception {
    throw notYet();
  }

  /** Makes a device, fifo or socket, or a regular file. @throws Ext4Exception as {@link #create} */
  public InodeAttributes makeNode(long parentNr, byte[] name, NewInode node) throws Ext4Exception {
    throw notYet();
  }

  /** Makes a symbolic link. @throws Ext4Exception as {@link #create}; ENAMETOOLONG, ENOENT */
  public InodeAttributes makeSymlink(long parentNr, byte[] name, byte[] target, NewInode link)
      throws Ext4Exception {
    throw notYet();
  }

  /** Makes a file without a name, to be linked or to vanish with its last reference. */
  public InodeAttributes makeUnnamed(long parentNr, NewInode file) throws Ext4Exception {
    throw notYet();
  }

  /** Gives a file another name. @throws Ext4Exception as {@link #create}; EPERM, EMLINK */
  public InodeAttributes link(long inodeNr, long newParentNr, byte[] newName) throws Ext4Exception {
    throw notYet();
  }

  /** Removes a name of what is no directory. @throws Ext4Exception ENOENT, EISDIR, EPERM */
  public void unlink(long parentNr, byte[] name) throws Ext4Exception {
    throw notYet();
  }

  /** Removes an empty directory. @throws Ext4Exception ENOENT, ENOTDIR, ENOTEMPTY, EPERM */
  public void removeDirectory(long parentNr, byte[] name) throws Ext4Exception {
    throw notYet();
  }

  /**
   * Renames.
   *
   * @param flags {@link #RENAME_NOREPLACE} or {@link #RENAME_EXCHANGE} or 0
   * @throws Ext4Exception ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EINVAL, EMLINK, EPERM, ENOSPC
   */
  public void rename(long parentNr, byte[] name, long newParentNr, byte[] newName, int flags)
      throws Ext4Exception {
    throw notYet();
  }

  /**
   * Changes attributes, the size among them.
   *
   * @throws Ext4Exception EPERM, EISDIR, EINVAL, EFBIG, ENOSPC
   */
  public InodeAttributes change(long inodeNr, AttributeChange change) throws Ext4Exception {
    throw notYet();
  }

  /** Sets the flags that chattr may change. @throws Ext4Exception EOPNOTSUPP, EPERM */
  public InodeAttributes changeFlags(long inodeNr, int flags) throws Ext4Exception {
    throw notYet();
  }

  /**
   * Sets an extended attribute.
   *
   * @param flags {@link #XATTR_CREATE} or {@link #XATTR_REPLACE} or 0
   * @throws Ext4Exception EEXIST, ENODATA, EOPNOTSUPP, ENOSPC, ERANGE
   */
  public void setXattr(long inodeNr, String name, byte[] value, int flags) throws Ext4Exception {
    throw notYet();
  }

  /** Removes an extended attribute. @throws Ext4Exception ENODATA, EOPNOTSUPP */
  public void removeXattr(long inodeNr, String name) throws Ext4Exception {
    throw notYet();
  }

  private static Ext4Exception notYet() {
    return new Ext4Exception("changing names", Errno.EOPNOTSUPP, "");
  }

  /** The inode of a name, referred to, or null. */
  private @Nullable LiveInode find(LiveInode parent, byte[] name) throws IOException {
    parent.namesLock().readLock().lock();
    try {
      long inodeNr = new DirectoryLookup(reader, parent.view()).find(name);
      // While the names are locked it cannot be unlinked and go.
      return inodeNr == 0 ? null : inodes.acquire(inodeNr);
    } finally {
      parent.namesLock().readLock().unlock();
    }
  }

  private InodeAttributes attributes(LiveInode inode) {
    long stamp = inode.fieldLock().readLock();
    try {
      return InodeAttributes.of(inode.view(), blockSizeBytes);
    } finally {
      inode.fieldLock().unlockRead(stamp);
    }
  }

  private <T extends @Nullable Object> T using(String what, long inodeNr, Use<T> use)
      throws Ext4Exception {
    try {
      LiveInode inode = inodes.acquire(inodeNr);
      try {
        return use.with(inode);
      } finally {
        inodes.release(inode);
      }
    } catch (IOException e) {
      throw Failures.explain(what + " " + describe(inodeNr), e);
    }
  }

  private void requireDirectory(LiveInode inode) throws Ext4Exception {
    if (!inode.isDirectory()) {
      throw new Ext4Exception(
          describe(inode.inodeNr()), Errno.ENOTDIR, "it is not a directory but a " + inode.kind());
    }
  }

  private String describe(long inodeNr) {
    return "inode " + inodeNr + " of " + reader.name();
  }
}
