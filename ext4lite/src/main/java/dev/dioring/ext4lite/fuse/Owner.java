package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.InodeAttributes;

/**
 * Who everything on an image made elsewhere is shown to belong to. What is made belongs, on the
 * image, to the owner of the directory it is made in; owners are changed by nobody.
 *
 * @param uid shown as the owner, or {@link #STORED}
 * @param gid shown as the group, or {@link #STORED}
 */
record Owner(long uid, long gid) {
  /** What the image says. */
  static final long STORED = -1;

  static final Owner AS_STORED = new Owner(STORED, STORED);

  long shownUid(long stored) {
    return uid == STORED ? stored : uid;
  }

  long shownGid(long stored) {
    return gid == STORED ? stored : gid;
  }

  /** Who what is made in a directory belongs to, on the image. */
  long madeUid(long maker, InodeAttributes directory) {
    return uid == STORED ? maker : directory.uid();
  }

  /** The same for its group. */
  long madeGid(long maker, InodeAttributes directory) {
    return gid == STORED ? maker : directory.gid();
  }

  /**
   * A change of attributes that leaves the owners on the image alone.
   *
   * @throws Ext4Exception EPERM if another owner is asked for than is shown
   */
  AttributeChange withoutOwner(AttributeChange asked, InodeAttributes stored) throws Ext4Exception {
    AttributeChange change = asked;
    if (uid != STORED && asked.uid() != null) {
      require(asked.uid() == uid);
      change = change.withUid(stored.uid());
    }
    if (gid != STORED && asked.gid() != null) {
      require(asked.gid() == gid);
      change = change.withGid(stored.gid());
    }
    return change;
  }

  private static void require(boolean same) throws Ext4Exception {
    if (!same) {
      throw new Ext4Exception("changing an owner", Errno.EPERM, "uid= or gid= stands for all");
    }
  }

  boolean isMapped() {
    return uid != STORED || gid != STORED;
  }
}
