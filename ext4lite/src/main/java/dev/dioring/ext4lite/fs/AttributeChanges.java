package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Changes what stat tells of an inode, and its flags. */
final class AttributeChanges {
  private static final int CREDITS = 12;

  /** The flags that chattr may set and clear on what they make sense for. */
  private static final int CHANGEABLE =
      Inode.FLAG_SECURE_DELETION
          | Inode.FLAG_UNDELETABLE
          | Inode.FLAG_SYNC
          | Inode.FLAG_IMMUTABLE
          | Inode.FLAG_APPEND
          | Inode.FLAG_NODUMP
          | Inode.FLAG_NOATIME
          | Inode.FLAG_NOTAIL
          | Inode.FLAG_DIRSYNC
          | Inode.FLAG_TOPDIR
          | Inode.FLAG_PROJINHERIT;

  private static final int OF_DIRECTORIES =
      Inode.FLAG_DIRSYNC | Inode.FLAG_TOPDIR | Inode.FLAG_PROJINHERIT;

  private final ChangeContext context;
  private final XattrChanges attributes;

  AttributeChanges(ChangeContext context) {
    this.context = context;
    attributes = new XattrChanges(context);
  }

  void apply(LiveInode live, AttributeChange change) throws IOException {
    requireChangeable(live.inode(), change);
    store(live, change);
  }

  /** Sets the times to now, which append-only files allow too. */
  void touch(LiveInode live) throws IOException {
    if (live.inode().has(Inode.FLAG_IMMUTABLE)) {
      throw new Ext4Exception("touching", Errno.EPERM, "it is immutable");
    }
    Instant now = context.clock().instant();
    store(live, AttributeChange.NONE.withAccessTime(now).withModificationTime(now));
  }

  private void store(LiveInode live, AttributeChange change) throws IOException {
    Long size = change.sizeBytes();
    if (size != null) {
      if (live.kind() != FileKind.REGULAR) {
        int errno = live.isDirectory() ? Errno.EISDIR : Errno.EINVAL;
        throw new Ext4Exception("resizing inode " + live.inodeNr(), errno, "it is no file");
      }
      FileResize.requireChangeable(live);
      RegularFile file = context.inodes().file(live);
      file.flushDelayed();
      new FileResize(context, live, file).resize(size);
    }
    if (change.accessTime() != null) {
      live.unstoredAccess(null);
    }
    if (hasFields(change)) {
      if (change.mode() != null && live.isDirectory()) {
        // Its access list follows, and names may lie beside that.
        Rename.locked(live, () -> storeFields(live, change));
      } else {
        storeFields(live, change);
      }
    }
  }

  private void storeFields(LiveInode live, AttributeChange change) throws IOException {
    Instant now = context.clock().instant();
    try (Handle handle = context.start(CREDITS)) {
      context.change(
          handle,
          live,
          inode ->
              context
                  .blocks()
                  .quotas()
                  .transfer(
                      handle, context.blocks(), live.block(), () -> apply(inode, change, now)));
      if (change.mode() != null) {
        attributes.followMode(handle, live);
      }
    }
  }

  /**
   * Sets the flags that can be changed, the others stay as they are, and the project.
   *
   * @param projectId null leaves that as it is
   */
  void applyFlags(LiveInode live, int flags, @Nullable Long projectId) throws IOException {
    if (projectId != null) {
      requireProject(live, projectId);
    }
    int changeable = live.isDirectory() ? CHANGEABLE : CHANGEABLE & ~OF_DIRECTORIES;
    int changed = (live.inode().flags() ^ flags) & ~(Inode.FLAG_EXTENTS | Inode.FLAG_INDEX);
    if ((changed & ~changeable) != 0) {
      throw new Ext4Exception(
          "flags of inode " + live.inodeNr(),
          Errno.EOPNOTSUPP,
          "0x" + Integer.toHexString(changed & ~changeable) + " cannot be changed");
    }
    try (Handle handle = context.start(CREDITS)) {
      context.touch(
          handle,
          live,
          inode -> {
            inode.flags((inode.flags() & ~changeable) | (flags & changeable));
            if (projectId != null) {
              context
                  .blocks()
                  .quotas()
                  .transfer(
                      handle, context.blocks(), live.block(), () -> inode.projectId(projectId));
            }
          });
    }
  }

  private void requireProject(LiveInode live, long projectId) throws Ext4Exception {
    boolean hasProjects = context.reader().context().superblock().has(Feature.PROJECT);
    if (projectId != live.inode().projectId() && !hasProjects) {
      throw new Ext4Exception(
          "project of inode " + live.inodeNr(), Errno.EOPNOTSUPP, "the image has no projects");
    }
  }

  private static boolean hasFields(AttributeChange change) {
    return change.mode() != null
        || change.uid() != null
        || change.gid() != null
        || change.accessTime() != null
        || change.modificationTime() != null
        || change.changeTime() != null;
  }

  private static void requireChangeable(Inode inode, AttributeChange change) throws Ext4Exception {
    if (inode.has(Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND)
        && !change.equals(AttributeChange.NONE)) {
      throw new Ext4Exception("changing", Errno.EPERM, "it is immutable or append-only");
    }
  }

  private static void apply(Inode inode, AttributeChange change, Instant now) {
    Integer mode = change.mode();
    if (mode != null) {
      inode.mode((inode.mode() & FileKind.MODE_MASK) | (mode & ~FileKind.MODE_MASK));
    }
    Long uid = change.uid();
    if (uid != null) {
      inode.uid(uid);
    }
    Long gid = change.gid();
    if (gid != null) {
      inode.gid(gid);
    }
    time(inode, InodeStamp.ACCESS, change.accessTime());
    time(inode, InodeStamp.MODIFICATION, change.modificationTime());
    Instant changed = change.changeTime();
    time(inode, InodeStamp.CHANGE, changed == null ? now : changed);
    inode.version(inode.version() + 1);
  }

  private static void time(Inode inode, InodeStamp stamp, @Nullable Instant time) {
    if (time != null) {
      inode.time(stamp, time.getEpochSecond(), time.getNano());
    }
  }
}
