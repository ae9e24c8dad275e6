package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.threads.Waiting;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.time.Instant;
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
public final class Ext4Namespace {
  /** {@link #rename}: fails with EEXIST if the new name exists. */
  public static final int RENAME_NOREPLACE = 1;

  /** {@link #rename}: both names exist and change places. */
  public static final int RENAME_EXCHANGE = 2;

  /** {@link #rename}: a character device 0:0 takes the old name, for overlays. */
  public static final int RENAME_WHITEOUT = 4;

  /** {@link #setXattr}: fails with EEXIST if the attribute exists. */
  public static final int XATTR_CREATE = 1;

  /** {@link #setXattr}: fails with ENODATA if the attribute does not exist. */
  public static final int XATTR_REPLACE = 2;

  private final Ext4Volume volume;
  private final ChangeContext context;
  private final VolumeReader reader;
  private final InodeCache inodes;
  private final InodeOperations operations;
  private final FileRangeOperations ranges;
  private final NameCreation creation;
  private final NameRemoval removal;
  private final Rename rename;
  private final ContentBeforeName contentBeforeName;
  private final AttributeChanges changes;
  private final XattrChanges xattrs;

  Ext4Namespace(Ext4Volume volume, ChangeContext context) {
    this.volume = volume;
    this.context = context;
    reader = context.reader();
    creation = new NameCreation(context);
    removal = new NameRemoval(context);
    rename = new Rename(context, removal);
    changes = new AttributeChanges(context);
    xattrs = new XattrChanges(context);
    inodes = reader.inodes();
    operations = new InodeOperations(context);
    contentBeforeName = new ContentBeforeName(context, operations);
    ranges = new FileRangeOperations(context, operations);
  }

  /** The time that is put on what changes now. */
  public Instant now() {
    return context.clock().instant();
  }

  /**
   * Finds a name in a directory, "." and ".." too, and refers to what it leads to.
   *
   * @return null if there is no such name
   * @throws Ext4Exception ENOTDIR, ENAMETOOLONG
   */
  public @Nullable InodeAttributes lookup(long parentNr, byte[] name) throws Ext4Exception {
    return operations.using(
        "looking up a name in",
        parentNr,
        parent -> {
          requireDirectory(parent);
          LiveInode found = operations.find(parent, name);
          return found == null ? null : operations.handOver(found);
        });
  }

  /** Refers to an inode once more, as {@link #lookup} does. */
  public InodeAttributes refer(long inodeNr) throws Ext4Exception {
    return operations.using(
        "referring to",
        inodeNr,
        inode -> {
          inodes.residents().lookedUp(inode);
          return operations.attributes(inode);
        });
  }

  /**
   * Refers to an inode by a number that somebody kept. It may have been deleted, so that what lies
   * there now is no sign of corruption. One without a name is gone, too: whoever still uses it need
   * not ask, so it is in memory only until word comes that nobody does. The value of an attribute
   * that has an inode of its own is nobody's to refer to.
   *
   * @throws Ext4Exception ESTALE
   */
  public InodeAttributes referIfThere(long inodeNr) throws Ext4Exception {
    InodeAttributes found;
    try {
      found = operations.handOver(inodes.acquire(inodeNr));
    } catch (CorruptStructureException e) {
      throw stale(inodeNr);
    } catch (IOException e) {
      throw reader.errors().explain("finding " + operations.describe(inodeNr), inodeNr, e);
    }
    if (found.links() == 0 || (found.flags() & Inode.FLAG_EA_INODE) != 0) {
      forget(inodeNr, 1);
      throw stale(inodeNr);
    }
    return found;
  }

  private Ext4Exception stale(long inodeNr) {
    return new Ext4Exception("finding " + operations.describe(inodeNr), Errno.ESTALE, "");
  }

  /**
   * Drops references that {@link #lookup} and its like gave. A file without names goes with the
   * last one.
   */
  public void forget(long inodeNr, long references) throws Ext4Exception {
    try {
      inodes.residents().forget(inodeNr, references);
    } catch (IOException e) {
      throw reader.errors().explain("forgetting " + operations.describe(inodeNr), inodeNr, e);
    }
  }

  /** What stat tells of an inode. */
  public InodeAttributes attributes(long inodeNr) throws Ext4Exception {
    return operations.using("attributes of", inodeNr, operations::attributes);
  }

  /**
   * Lists a directory.
   *
   * @param cookie 0 for all, or the cookie of an entry to go on behind it
   * @throws Ext4Exception ENOTDIR
   */
  public void readDirectory(long inodeNr, long cookie, EntrySink sink) throws Ext4Exception {
    list(inodeNr, cookie, sink, true);
  }

  /** As {@link #readDirectory}, but its time of access stays as it is. */
  public void peekDirectory(long inodeNr, long cookie, EntrySink sink) throws Ext4Exception {
    list(inodeNr, cookie, sink, false);
  }

  private void list(long inodeNr, long cookie, EntrySink sink, boolean noted) throws Ext4Exception {
    operations.using(
        "listing",
        inodeNr,
        directory -> {
          requireDirectory(directory);
          Waiting.lock(directory.namesLock().readLock());
          try {
            if (directory.inode().linksCount() > 0) {
              new DirectoryListing(reader, directory.view()).list(cookie, sink);
              if (noted) {
                inodes.accesses().read(directory);
              }
            }
          } finally {
            directory.namesLock().readLock().unlock();
          }
          return directory;
        });
  }

  /** Where a symbolic link points. @throws Ext4Exception EINVAL, ENOKEY */
  public byte[] readLink(long inodeNr) throws Ext4Exception {
    return operations.using(
        "reading the link",
        inodeNr,
        link -> {
          if (link.kind() != FileKind.SYMLINK) {
            throw new Ext4Exception(
                operations.describe(inodeNr), Errno.EINVAL, "it is not a symbolic link");
          }
          boolean inline = link.view().isInline(); // which never changes
          byte[] target =
              inline
                  ? reading(link, () -> SymlinkTarget.read(reader, link.view()))
                  : SymlinkTarget.read(reader, link.view());
          inodes.accesses().read(link);
          return target;
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

  /**
   * Opens a regular file whose end alone is written, as O_APPEND does: one that chattr +a was
   * applied to, too.
   *
   * @throws Ext4Exception as {@link #open}
   */
  public Ext4File openToAppend(long inodeNr) throws Ext4Exception {
    return volume.openToAppend(inodeNr);
  }

  /** The names of an inode's extended attributes, with their prefixes. */
  public List<String> xattrNames(long inodeNr) throws Ext4Exception {
    return operations.using(
        "attributes of",
        inodeNr,
        inode -> reading(inode, () -> new Xattrs(reader, inode.view()).names()));
  }

  /** The value of an extended attribute, or null; ACLs in the form that getxattr gives. */
  public byte @Nullable [] xattr(long inodeNr, String name) throws Ext4Exception {
    return operations.<byte @Nullable []>using(
        "attributes of",
        inodeNr,
        inode -> {
          reader.errors().requireReadable();
          return reading(inode, () -> new Xattrs(reader, inode.view()).value(name));
        });
  }

  /**
   * Makes a regular file.
   *
   * @throws Ext4Exception EEXIST, ENOTDIR, ENOENT in a directory that was removed, ENAMETOOLONG,
   *     EPERM in an immutable directory, ENOSPC
   */
  public InodeAttributes create(long parentNr, byte[] name, NewInode file) throws Ext4Exception {
    return makeNode(parentNr, name, file.withKind(FileKind.REGULAR));
  }

  /** Makes a directory. @throws Ext4Exception as {@link #create}, and EMLINK */
  public InodeAttributes makeDirectory(long parentNr, byte[] name, NewInode directory)
      throws Ext4Exception {
    return operations.making(
        "making a directory in",
        parentNr,
        parent -> creation.makeDirectory(parent, name, directory));
  }

  /** Makes a device, fifo or socket, or a regular file. @throws Ext4Exception as {@link #create} */
  public InodeAttributes makeNode(long parentNr, byte[] name, NewInode node) throws Ext4Exception {
    FileKind kind = FileKind.ofMode(node.mode());
    if (kind == null || kind == FileKind.DIRECTORY || kind == FileKind.SYMLINK) {
      throw new Ext4Exception("making a node", Errno.EINVAL, "its kind is " + kind);
    }
    return operations.making(
        "making a file in", parentNr, parent -> creation.make(parent, name, node));
  }

  /** Makes a symbolic link. @throws Ext4Exception as {@link #create}; ENAMETOOLONG, ENOENT */
  public InodeAttributes makeSymlink(long parentNr, byte[] name, byte[] target, NewInode link)
      throws Ext4Exception {
    return operations.making(
        "making a symbolic link in",
        parentNr,
        parent -> creation.makeSymlink(parent, name, link, target));
  }

  /** Makes a file without a name, to be linked or to vanish with its last reference. */
  public InodeAttributes makeUnnamed(long parentNr, NewInode file) throws Ext4Exception {
    return operations.making(
        "making a file without a name in",
        parentNr,
        parent -> creation.makeUnnamed(parent, file.withKind(FileKind.REGULAR)));
  }

  /** Gives a file another name. @throws Ext4Exception as {@link #create}; EPERM, EMLINK */
  public InodeAttributes link(long inodeNr, long newParentNr, byte[] newName) throws Ext4Exception {
    return operations.making(
        "linking to a name in",
        newParentNr,
        parent -> {
          LiveInode inode = inodes.acquire(inodeNr);
          boolean done = false;
          try {
            creation.link(inode, parent, newName);
            done = true;
            return inode;
          } finally {
            if (!done) {
              inodes.release(inode);
            }
          }
        });
  }

  /** Removes a name of what is no directory. @throws Ext4Exception ENOENT, EISDIR, EPERM */
  public void unlink(long parentNr, byte[] name) throws Ext4Exception {
    operations.changing(
        "unlinking a name in",
        parentNr,
        parent -> {
          removal.unlink(parent, name);
          return parent;
        });
  }

  /** Removes an empty directory. @throws Ext4Exception ENOENT, ENOTDIR, ENOTEMPTY, EPERM */
  public void removeDirectory(long parentNr, byte[] name) throws Ext4Exception {
    operations.changing(
        "removing a directory in",
        parentNr,
        parent -> {
          removal.removeDirectory(parent, name);
          return parent;
        });
  }

  /**
   * Renames.
   *
   * @param flags {@link #RENAME_EXCHANGE}, or any of {@link #RENAME_NOREPLACE} and {@link
   *     #RENAME_WHITEOUT}, or 0
   * @throws Ext4Exception ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EINVAL, EMLINK, EPERM, ENOSPC
   */
  public void rename(long parentNr, byte[] name, long newParentNr, byte[] newName, int flags)
      throws Ext4Exception {
    operations.changing(
        "renaming in",
        parentNr,
        parent -> {
          LiveInode newParent = inodes.acquire(newParentNr);
          try {
            contentBeforeName.write(parent, name, newParent, newName);
            rename.rename(parent, name, newParent, newName, flags);
          } finally {
            inodes.release(newParent);
          }
          return parent;
        });
  }

  /**
   * Changes attributes, the size among them.
   *
   * @throws Ext4Exception EPERM, EISDIR, EINVAL, EFBIG, ENOSPC
   */
  public InodeAttributes change(long inodeNr, AttributeChange change) throws Ext4Exception {
    return operations.changing(
        "changing",
        inodeNr,
        inode -> {
          changes.apply(inode, change);
          return operations.attributes(inode);
        });
  }

  /** Sets the times of access and modification to now. @throws Ext4Exception EPERM */
  public InodeAttributes touch(long inodeNr) throws Ext4Exception {
    return operations.changing(
        "touching",
        inodeNr,
        inode -> {
          changes.touch(inode);
          return operations.attributes(inode);
        });
  }

  /** What is done with ranges of regular files. */
  public FileRangeOperations ranges() {
    return ranges;
  }

  /** Sets the flags that chattr may change. @throws Ext4Exception EOPNOTSUPP, EPERM */
  public InodeAttributes changeFlags(long inodeNr, int flags) throws Ext4Exception {
    return operations.changing(
        "flags of",
        inodeNr,
        inode -> {
          changes.applyFlags(inode, flags, null);
          return operations.attributes(inode);
        });
  }

  /**
   * Sets the flags that chattr may change, and the project.
   *
   * @throws Ext4Exception EOPNOTSUPP also for a project where the image has none; EPERM
   */
  public InodeAttributes changeFlags(long inodeNr, int flags, long projectId) throws Ext4Exception {
    return operations.changing(
        "flags and project of",
        inodeNr,
        inode -> {
          changes.applyFlags(inode, flags, projectId);
          return operations.attributes(inode);
        });
  }

  /**
   * Sets an extended attribute.
   *
   * @param flags {@link #XATTR_CREATE} or {@link #XATTR_REPLACE} or 0
   * @throws Ext4Exception EEXIST, ENODATA, EOPNOTSUPP, ENOSPC, ERANGE
   */
  public void setXattr(long inodeNr, String name, byte[] value, int flags) throws Ext4Exception {
    operations.changing(
        "setting " + name + " of",
        inodeNr,
        inode -> {
          xattrs.set(inode, name, value, flags);
          return inode;
        });
  }

  /** Removes an extended attribute. @throws Ext4Exception ENODATA, EOPNOTSUPP */
  public void removeXattr(long inodeNr, String name) throws Ext4Exception {
    operations.changing(
        "removing " + name + " of",
        inodeNr,
        inode -> {
          xattrs.set(inode, name, null, 0);
          return inode;
        });
  }

  /** What is read of an inode. */
  @FunctionalInterface
  private interface Reading<T extends @Nullable Object> {
    T read() throws IOException;
  }

  private static <T extends @Nullable Object> T reading(LiveInode inode, Reading<T> reading)
      throws IOException {
    long stamp = inode.fieldLock().readLock();
    try {
      return reading.read();
    } finally {
      inode.fieldLock().unlockRead(stamp);
    }
  }

  private void requireDirectory(LiveInode inode) throws Ext4Exception {
    if (!inode.isDirectory()) {
      throw new Ext4Exception(
          operations.describe(inode.inodeNr()),
          Errno.ENOTDIR,
          "it is not a directory but a " + inode.kind());
    }
  }
}
