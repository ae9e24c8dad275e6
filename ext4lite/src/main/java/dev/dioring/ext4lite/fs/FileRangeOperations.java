package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;

/**
 * Ranges of regular files by inode number. Like {@link Ext4Namespace}, of which this is a part, it
 * asks nobody for permission and throws {@link Ext4Exception}.
 */
public final class FileRangeOperations {
  private final ChangeContext context;
  private final InodeOperations operations;
  private final InodeCache inodes;

  FileRangeOperations(ChangeContext context, InodeOperations operations) {
    this.context = context;
    this.operations = operations;
    inodes = context.inodes();
  }

  /**
   * Makes a hole in a regular file; its size stays.
   *
   * @throws Ext4Exception EINVAL, EPERM, EOPNOTSUPP
   */
  public void punch(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileResize(context, live, file).punch(byteOffset, lengthBytes));
  }

  /**
   * Lets a range of a regular file read as zeroes, with blocks allocated for it.
   *
   * @param keepSize leaves the size alone where the range ends behind it
   * @throws Ext4Exception EINVAL, EPERM, EOPNOTSUPP, ENOSPC
   */
  public void zero(long inodeNr, long byteOffset, long lengthBytes, boolean keepSize)
      throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> {
          file.requireExtents();
          new FileResize(context, live, file).punch(byteOffset, lengthBytes);
          file.fallocate(byteOffset, lengthBytes, keepSize);
        });
  }

  /**
   * Takes a range of whole blocks out of a regular file.
   *
   * @throws Ext4Exception EINVAL, EPERM, EOPNOTSUPP
   */
  public void collapse(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileRanges(context, live, file).collapse(byteOffset, lengthBytes));
  }

  /**
   * Puts a hole of whole blocks into a regular file.
   *
   * @throws Ext4Exception EINVAL, EFBIG, EPERM, EOPNOTSUPP, ENOSPC
   */
  public void insert(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileRanges(context, live, file).insert(byteOffset, lengthBytes));
  }

  /**
   * Finds data or a hole in a regular file, at or behind a position. Blocks that were allocated and
   * not written count as a hole, as does what is behind the end.
   *
   * @throws Ext4Exception ENXIO if the position is behind the end, or no data follows
   */
  public long seek(long inodeNr, long position, boolean data) throws Ext4Exception {
    return operations.using(
        "seeking in",
        inodeNr,
        live -> {
          if (live.kind() != FileKind.REGULAR) {
            throw new Ext4Exception(
                operations.describe(inodeNr), Errno.EINVAL, "it is no regular file");
          }
          RegularFile file = inodes.file(live);
          file.flushDelayed();
          FileRanges ranges = new FileRanges(context, live, file);
          boolean inside = position >= 0 && position < file.sizeBytes();
          long found = inside ? ranges.seek(position, data) : -1;
          if (found < 0) {
            throw new Ext4Exception(
                operations.describe(inodeNr), Errno.ENXIO, "no data at " + position);
          }
          return found;
        });
  }

  /** What is done with a range of a regular file. */
  @FunctionalInterface
  private interface FileUse {
    void with(LiveInode live, RegularFile file) throws IOException;
  }

  private void changing(long inodeNr, long byteOffset, long lengthBytes, FileUse use)
      throws Ext4Exception {
    operations.changing(
        "changing a range of",
        inodeNr,
        live -> {
          if (live.kind() != FileKind.REGULAR || byteOffset < 0 || lengthBytes <= 0) {
            throw new Ext4Exception(
                operations.describe(inodeNr), Errno.EINVAL, byteOffset + " + " + lengthBytes);
          }
          if (live.inode().has(Inode.FLAG_IMMUTABLE | Inode.FLAG_APPEND)) {
            throw new Ext4Exception(operations.describe(inodeNr), Errno.EPERM, "it is immutable");
          }
          FileResize.requireChangeable(live);
          RegularFile file = inodes.file(live);
          file.flushDelayed();
          file.leaveInode();
          use.with(live, file);
          return live;
        });
  }
}
