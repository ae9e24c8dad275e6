package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * What a new file takes over from the default access list of its directory: the list itself as its
 * access list, limited by the mode that was asked for, in place of the umask. As POSIX 1003.1e has
 * it.
 *
 * <pre>
 * list     version u32 | entries
 * entry    tag u16 | permissions u16 | id u32
 * </pre>
 */
final class AclInheritance {
  private static final String DEFAULT_LIST = "system.posix_acl_default";
  private static final String ACCESS_LIST = "system.posix_acl_access";
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final int HEADER_BYTES = 4;
  private static final int ENTRY_BYTES = 8;
  private static final int PERMISSIONS_AT = 2;
  private static final int USER_OBJ = 0x01;
  private static final int GROUP_OBJ = 0x04;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;
  private static final int USER_SHIFT = 6;
  private static final int GROUP_SHIFT = 3;
  private static final int RWX = 7;
  private static final int NONE = -1;

  private final byte @Nullable [] inherited;
  private final byte @Nullable [] access;
  private final int mode;

  private AclInheritance(byte @Nullable [] inherited, byte @Nullable [] access, int mode) {
    this.inherited = inherited;
    this.access = access;
    this.mode = mode;
  }

  /** Finds out what a new file in a directory gets. */
  static AclInheritance of(Ext4Namespace namespace, long directoryNr, int mode, int umask)
      throws IOException {
    byte[] list = namespace.xattr(directoryNr, DEFAULT_LIST);
    if (list == null) {
      return new AclInheritance(null, null, mode & ~umask);
    }
    return limited(list, mode);
  }

  /** The mode to make it with. */
  int mode() {
    return mode;
  }

  /** The access list to set on it, or null if the mode says all. */
  byte @Nullable [] access() {
    return access;
  }

  /** Gives the lists to the file that was made. */
  void apply(Ext4Namespace namespace, long madeNr) throws IOException {
    if (access != null) {
      namespace.setXattr(madeNr, ACCESS_LIST, access, 0);
    }
    if (inherited != null && FileKind.ofMode(mode) == FileKind.DIRECTORY) {
      namespace.setXattr(madeNr, DEFAULT_LIST, inherited, 0);
    }
  }

  /** The mode limits owner, others, and the mask, or without one the group; and they limit it. */
  static AclInheritance limited(byte[] list, int mode) {
    byte[] copy = list.clone();
    MemorySegment entries = MemorySegment.ofArray(copy);
    int group = NONE;
    int mask = NONE;
    boolean named = false;
    int limited = mode;
    for (int at = HEADER_BYTES; at + ENTRY_BYTES <= copy.length; at += ENTRY_BYTES) {
      switch (entries.get(U16, at)) {
        case USER_OBJ -> limited = limit(entries, at, limited, USER_SHIFT);
        case OTHER -> limited = limit(entries, at, limited, 0);
        case GROUP_OBJ -> group = at;
        case MASK -> mask = at;
        default -> named = true;
      }
    }
    int groupClass = mask != NONE ? mask : group;
    if (groupClass != NONE) {
      limited = limit(entries, groupClass, limited, GROUP_SHIFT);
    }
    boolean extended = named || mask != NONE;
    return new AclInheritance(list, extended ? entries.toArray(JAVA_BYTE) : null, limited);
  }

  /** Leaves what both an entry and three bits of the mode allow. @return the mode */
  private static int limit(MemorySegment entries, int at, int mode, int shift) {
    int permissions = entries.get(U16, at + PERMISSIONS_AT) & mode >>> shift & RWX;
    entries.set(U16, at + PERMISSIONS_AT, (short) permissions);
    return (mode & ~(RWX << shift)) | permissions << shift;
  }
}
