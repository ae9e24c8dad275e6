package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.format.PosixAcl;
import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.format.XattrName;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Sets and removes extended attributes; access lists keep the mode in step. */
final class XattrChanges {
  /** Inode, old block, new block, their bitmaps and descriptors. */
  private static final int CREDITS = 12;

  private static final byte[] NO_NAME = {};
  private static final String ACCESS = "system.posix_acl_access";
  private static final String DEFAULT = "system.posix_acl_default";

  private final ChangeContext context;

  XattrChanges(ChangeContext context) {
    this.context = context;
  }

  /** Sets an attribute; null removes it, which fails if there is none. */
  void set(LiveInode live, String name, byte @Nullable [] value, int flags) throws IOException {
    if (live.inode().has(Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND)) {
      throw failure(Errno.EPERM, "the file is immutable or append-only");
    }
    if (value != null && value.length > XattrEntry.VALUE_MAX_BYTES) {
      throw failure(Errno.E2BIG, value.length + " bytes");
    }
    if (name.equals(ACCESS) || name.equals(DEFAULT)) {
      setAcl(live, name.equals(DEFAULT), value);
      return;
    }
    int index = index(name);
    byte[] rest = FileName.encode(name.substring(prefix(index).length()));
    if (rest.length == 0 || rest.length > XattrEntry.NAME_MAX_BYTES) {
      throw failure(rest.length == 0 ? Errno.EINVAL : Errno.ERANGE, name);
    }
    changing(
        live,
        value == null ? 0 : value.length,
        (handle, store) -> {
          requireFlags(store.has(index, rest), value == null, flags, name);
          store.set(handle, index, rest, value);
          stamp(live);
          live.block().changed(handle);
        });
  }

  /** What is done with the attributes of an inode through a handle. */
  private interface HandledChange {
    void apply(Handle handle, XattrStore store) throws IOException;
  }

  /**
   * Changes attributes whose values may lie in inodes of their own. The names in a directory may
   * lie between its attributes, and whoever looks one up has no other lock than theirs.
   */
  private void changing(LiveInode live, int valueBytes, HandledChange change) throws IOException {
    if (!live.isDirectory()) {
      changingAlone(live, valueBytes, change);
      return;
    }
    Rename.locked(live, () -> changingAlone(live, valueBytes, change));
  }

  private void changingAlone(LiveInode live, int valueBytes, HandledChange change)
      throws IOException {
    try (ValueInodes values = new ValueInodes(context)) {
      int credits = CREDITS + values.credits(valueBytes);
      try (Handle handle = context.start(credits + sharedCredits(live))) {
        changing(handle, live, values, change);
      }
    }
  }

  private void changing(Handle handle, LiveInode live, ValueInodes values, HandledChange change)
      throws IOException {
    ReentrantLock lock = context.attributes();
    lock.lock();
    try {
      long stamp = live.fieldLock().writeLock();
      try {
        change.apply(handle, new XattrStore(context, live, values));
      } finally {
        live.fieldLock().unlockWrite(stamp);
      }
      values.settle(handle);
    } finally {
      lock.unlock();
    }
  }

  /** What counting all values of a copied or freed list takes. */
  private int sharedCredits(LiveInode live) throws IOException {
    if (!context.reader().has(Feature.EA_INODE)) {
      return 0;
    }
    long stamp = live.fieldLock().readLock();
    try {
      return ValueInodes.dropCredits(new XattrStore(context, live).valueInodes());
    } finally {
      live.fieldLock().unlockRead(stamp);
    }
  }

  /** What is done with the attributes of an inode. */
  private interface Change {
    void apply(XattrStore store) throws IOException;
  }

  /** The access list that a new inode gets from its directory's default list, and that list. */
  void inherit(Handle handle, LiveInode parent, LiveInode made) throws IOException {
    if (made.kind() == FileKind.SYMLINK) {
      return;
    }
    byte[] defaults = value(parent, DEFAULT);
    if (defaults == null) {
      return;
    }
    byte[] access = PosixAcl.inherited(defaults, made.inode().mode());
    locked(
        made,
        store -> {
          Inode inode = made.inode();
          inode.mode((inode.mode() & ~0777) | PosixAcl.permissions(access));
          made.block().changed(handle);
          if (!PosixAcl.isMinimal(access)) {
            store.set(handle, XattrName.POSIX_ACL_ACCESS, NO_NAME, PosixAcl.forDisk(access));
          }
          if (made.isDirectory()) {
            store.set(handle, XattrName.POSIX_ACL_DEFAULT, NO_NAME, PosixAcl.forDisk(defaults));
          }
        });
  }

  /** The access list follows a mode that was changed; the caller holds no lock of the fields. */
  void followMode(Handle handle, LiveInode live) throws IOException {
    if (value(live, ACCESS) == null) {
      return;
    }
    locked(
        live,
        store -> {
          byte[] access = new Xattrs(context.reader(), live.view()).value(ACCESS);
          if (access != null) {
            byte[] changed = PosixAcl.withMode(access, live.inode().mode());
            store.set(handle, XattrName.POSIX_ACL_ACCESS, NO_NAME, PosixAcl.forDisk(changed));
          }
        });
  }

  /** Whether new files of a directory get its default list instead of the umask. */
  boolean hasDefaults(LiveInode directory) throws IOException {
    return value(directory, DEFAULT) != null;
  }

  /** An attribute's value or null; the caller holds no lock of the fields. */
  private byte @Nullable [] value(LiveInode live, String name) throws IOException {
    long stamp = live.fieldLock().readLock();
    try {
      return new Xattrs(context.reader(), live.view()).value(name);
    } finally {
      live.fieldLock().unlockRead(stamp);
    }
  }

  /** Gives the attribute block up of an inode that was made through the same handle. */
  void releaseBlock(Handle handle, LiveInode made) throws IOException {
    if (made.inode().attributeBlockNr() != 0) {
      locked(made, store -> store.release(handle));
    }
  }

  /** Credits of {@link #release}. */
  int releaseCredits(LiveInode live) throws IOException {
    return sharedCredits(live);
  }

  /** Gives the attributes of an inode that is deleted up. */
  void release(Handle handle, LiveInode live, ValueInodes values) throws IOException {
    changing(handle, live, values, (h, store) -> store.release(h));
  }

  private void setAcl(LiveInode live, boolean defaults, byte @Nullable [] value)
      throws IOException {
    byte[] disk = value == null ? null : PosixAcl.forDisk(value);
    if (value != null && disk == null) {
      throw failure(Errno.EINVAL, "it is no access list");
    }
    if (defaults && !live.isDirectory()) {
      throw failure(Errno.EACCES, "only directories have default access lists");
    }
    if (live.kind() == FileKind.SYMLINK) {
      throw failure(Errno.EOPNOTSUPP, "symbolic links have no access lists");
    }
    int index = defaults ? XattrName.POSIX_ACL_DEFAULT : XattrName.POSIX_ACL_ACCESS;
    changing(
        live,
        disk == null ? 0 : disk.length,
        (handle, store) -> {
          boolean minimal = !defaults && value != null && PosixAcl.isMinimal(value);
          store.set(handle, index, NO_NAME, minimal ? null : disk);
          if (!defaults && value != null) {
            Inode inode = live.inode();
            inode.mode((inode.mode() & ~0777) | PosixAcl.permissions(value));
          }
          stamp(live);
          live.block().changed(handle);
        });
  }

  private void locked(LiveInode live, Change change) throws IOException {
    ReentrantLock lock = context.attributes();
    lock.lock();
    long stamp = live.fieldLock().writeLock();
    try {
      change.apply(new XattrStore(context, live));
    } finally {
      live.fieldLock().unlockWrite(stamp);
      lock.unlock();
    }
  }

  private void stamp(LiveInode live) {
    Instant now = context.clock().instant();
    live.takeTimes();
    Inode inode = live.inode();
    inode.time(InodeStamp.CHANGE, now.getEpochSecond(), now.getNano());
    inode.version(inode.version() + 1);
  }

  private static void requireFlags(boolean exists, boolean removes, int flags, String name)
      throws Ext4Exception {
    if (exists && (flags & Ext4Namespace.XATTR_CREATE) != 0) {
      throw failure(Errno.EEXIST, name);
    }
    if (!exists && (removes || (flags & Ext4Namespace.XATTR_REPLACE) != 0)) {
      throw failure(Errno.ENODATA, name);
    }
  }

  private static int index(String name) throws Ext4Exception {
    for (int index : new int[] {XattrName.USER, XattrName.TRUSTED, XattrName.SECURITY}) {
      if (name.startsWith(prefix(index))) {
        return index;
      }
    }
    throw failure(Errno.EOPNOTSUPP, name + " is of no kind that can be set");
  }

  private static String prefix(int index) {
    String prefix = XattrName.prefix(index);
    return prefix == null ? "" : prefix;
  }

  private static Ext4Exception failure(int errno, String detail) {
    return new Ext4Exception("setting an attribute", errno, detail);
  }
}
