package dev.dioring.ext4lite.format;

import org.jspecify.annotations.Nullable;

/** What names of extended attributes start with; on disk an index stands for it. */
public final class XattrName {
  /** The index of "user.". */
  public static final int USER = 1;

  /** The index of "system.posix_acl_access", which is a whole name. */
  public static final int POSIX_ACL_ACCESS = 2;

  /** The index of "system.posix_acl_default", which is a whole name. */
  public static final int POSIX_ACL_DEFAULT = 3;

  /** The index of "trusted.". */
  public static final int TRUSTED = 4;

  /** The index of "security.". */
  public static final int SECURITY = 6;

  /** The index of "system.". */
  public static final int SYSTEM = 7;

  /** Attributes of the filesystem itself: the contexts of encryption. */
  public static final int ENCRYPTION = 9;

  private static final @Nullable String[] PREFIXES = {
    "",
    "user.",
    "system.posix_acl_access",
    "system.posix_acl_default",
    "trusted.",
    null,
    "security.",
    "system.",
    "system.richacl",
    "encryption.",
    null,
    "gnu.",
  };

  private XattrName() {}

  /** What an index stands for, or null if it stands for nothing. */
  public static @Nullable String prefix(int index) {
    return index < PREFIXES.length ? PREFIXES[index] : null;
  }
}
