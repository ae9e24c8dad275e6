package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;

/**
 * What a new file starts with. A directory with the setgid bit passes its group on, and to
 * directories the bit too, whatever is asked for here.
 *
 * @param mode kind and permissions
 * @param deviceMajor of a device, else 0
 * @param deviceMinor of a device, else 0
 * @param umask permissions to take away, unless the directory has a default access list
 */
public record NewInode(int mode, long uid, long gid, int deviceMajor, int deviceMinor, int umask) {
  /** With a mode that the umask was applied to. */
  public NewInode(int mode, long uid, long gid, int deviceMajor, int deviceMinor) {
    this(mode, uid, gid, deviceMajor, deviceMinor, 0);
  }

  public static NewInode of(FileKind kind, int permissions, long uid, long gid) {
    return new NewInode(kind.modeBits() | (permissions & ~FileKind.MODE_MASK), uid, gid, 0, 0);
  }

  public NewInode withOwner(long newUid, long newGid) {
    return new NewInode(mode, newUid, newGid, deviceMajor, deviceMinor, umask);
  }

  public NewInode withUmask(int bits) {
    return new NewInode(mode, uid, gid, deviceMajor, deviceMinor, bits & 0777);
  }

  NewInode withKind(FileKind kind) {
    int bits = kind.modeBits() | (mode & ~FileKind.MODE_MASK);
    return new NewInode(bits, uid, gid, deviceMajor, deviceMinor, umask);
  }
}
