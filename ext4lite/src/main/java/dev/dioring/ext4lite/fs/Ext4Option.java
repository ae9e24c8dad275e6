package dev.dioring.ext4lite.fs;

/** What ext4's own mount options decide, as far as it is decided here; each has a number. */
enum Ext4Option {
  /** errors=: an {@link OnError} as the superblock has it. */
  ERRORS,
  /** barrier, nobarrier. */
  BARRIER,
  /** discard, nodiscard. */
  DISCARD,
  /** commit=: seconds, 0 for the default. */
  COMMIT,
  /** delalloc, nodelalloc. */
  DELALLOC,
  /** data=: 1 if contents are to be logged, which only a superblock can ask for. */
  JOURNAL_DATA,
  /** grpid, nogrpid: whether what is made gets the group of its directory in any case. */
  GRPID,
  /** minixdf, bsddf: whether statfs counts the filesystem's own blocks too. */
  MINIXDF,
  /** acl, noacl. */
  ACL,
  /** user_xattr, nouser_xattr. */
  USER_XATTR,
  /** quota, noquota: whether limits bind. */
  QUOTA,
  /** prjquota: the same, but it needs the feature. */
  PROJECT_QUOTA,
  /** resuid=: a user who may have reserved blocks. */
  RESUID,
  /** resgid=: a group that may have them. */
  RESGID,
  /** journal_checksum. */
  JOURNAL_CHECKSUM
}
