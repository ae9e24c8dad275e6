package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;

/** Operations on ranges of regular files by inode number, as {@link Ext4Namespace} offers them. */
final class FileRangeOperations {
  private final ChangeContext context;
  private final InodeOperations operations;
  private final InodeCache inodes;

  FileRangeOperations(ChangeContext context, InodeOperations operations) {
    this.context = context;
    this.operations = operations;
    inodes = context.inodes();
  }

  void punch(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileResize(context, live, file).punch(byteOffset, lengthBytes));
  }

  void zero(long inodeNr, long byteOffset, long lengthBytes, boolean keepSize)
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

  void collapse(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileRanges(context, live, file).collapse(byteOffset, lengthBytes));
  }

  void insert(long inodeNr, long byteOffset, long lengthBytes) throws Ext4Exception {
    changing(
        inodeNr,
        byteOffset,
        lengthBytes,
        (live, file) -> new FileRanges(context, live, file).insert(byteOffset, lengthBytes));
  }

  long seek(long inodeNr, long position, boolean data) throws Ext4Exception {
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
          boolean inside = position >= 0 && position < live.view().sizeBytes();
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
