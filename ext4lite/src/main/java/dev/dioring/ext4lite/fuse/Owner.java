package dev.dioring.ext4lite.fuse;

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

  boolean isMapped() {
    return uid != STORED || gid != STORED;
  }
}
