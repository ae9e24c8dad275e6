package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;

/**
 * What a new file starts with. A directory with the setgid bit passes its group on, and to
 * directories the bit too, whatever is asked for here.
 *
 * @param mode kind and permissions, the umask applied
 * @param deviceMajor of a device, else 0
 * @param deviceMinor of a device, else 0
 */
public record NewInode(int mode, long uid, long gid, int deviceMajor, int deviceMinor) {
  public static NewInode of(FileKind kind, int permissions, long uid, long gid) {
    return new NewInode(kind.modeBits() | (permissions & ~FileKind.MODE_MASK), uid, gid, 0, 0);
  }

  NewInode withKind(FileKind kind) {
    int permissions = mode & ~FileKind.MODE_MASK;
    return new NewInode(kind.modeBits() | permissions, uid, gid, deviceMajor, deviceMinor);
  }
}
