package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/**
 * Takes ranges of whole blocks out of a regular file, or puts them in, by moving what lies behind
 * them, an extent per handle. Writes are kept out meanwhile. A crash in between leaves a sound
 * volume and a file that is moved in part.
 */
final class FileRanges {
  private static final int CREDITS = 64;

  private final ChangeContext context;
  private final LiveInode live;
  private final RegularFile file;
  private final FileResize resize;
  private final int blockShift;
  private final long clusterBytes;
  private final ExtentWriter writer;

  FileRanges(ChangeContext context, LiveInode live, RegularFile file) {
    this.context = context;
    this.live = live;
    this.file = file;
    VolumeContext volume = context.reader().context();
    resize = new FileResize(context, live, file);
    blockShift = volume.groups().blockSizeShift();
    clusterBytes = (long) volume.groups().blocksPerCluster() << blockShift;
    writer = new ExtentWriter(volume, live.block(), live.tree(), context.blocks());
  }

  /** Takes a range out: what is behind it moves to its start. */
  void collapse(long byteOffset, long lengthBytes) throws IOException {
    file.requireExtents();
    requireBlocks(byteOffset, lengthBytes);
    file.alone(
        () -> {
          long size = file.sizeBytes();
          if (lengthBytes >= size - byteOffset) {
            throw failure(Errno.EINVAL, "the range reaches to the end of the file");
          }
          long from = byteOffset >>> blockShift;
          long end = (byteOffset + lengthBytes) >>> blockShift;
          resize.free(from, end);
          ExtentRun run = new ExtentRun();
          for (long at = end; next(at, run); at = run.endFileBlockNr()) {
            move(run, from - end);
          }
          resize.storeAfterMapping(size - lengthBytes);
        });
  }

  /** Puts a hole in: what is behind its start moves to its end. */
  void insert(long byteOffset, long lengthBytes) throws IOException {
    file.requireExtents();
    requireBlocks(byteOffset, lengthBytes);
    file.alone(
        () -> {
          long size = file.sizeBytes();
          if (byteOffset >= size) {
            throw failure(Errno.EINVAL, "the range starts behind the end of the file");
          }
          long blocks = lengthBytes >>> blockShift;
          if ((size >>> blockShift) + blocks >= ExtentNode.FILE_BLOCKS_MAX - 1) {
            throw failure(Errno.EFBIG, "");
          }
          resize.store(size + lengthBytes, false);
          long from = byteOffset >>> blockShift;
          splitAt(from);
          ExtentRun run = new ExtentRun();
          long end = ExtentNode.FILE_BLOCKS_MAX - 1;
          while (previous(end, from, run)) {
            end = run.fileBlockNr;
            move(run, blocks);
          }
        });
  }

  /**
   * Where data or a hole is next.
   *
   * @return the position, or -1 if there is no data behind it
   */
  long seek(long position, boolean data) throws IOException {
    long size = file.sizeBytes();
    if (live.view().isInline()) {
      return data ? position : size;
    }
    ExtentRun run = new ExtentRun();
    // A hole behind the last block that there can be has no end, whatever the size says.
    long last = Long.MAX_VALUE >>> blockShift;
    for (long at = position; at < size; at = Math.min(run.endFileBlockNr(), last) << blockShift) {
      if (at >>> blockShift == last) {
        break;
      }
      file.layout().map().lookUp(at >>> blockShift, run);
      if ((run.state == ExtentRun.State.WRITTEN) == data) {
        return at;
      }
    }
    return data ? -1 : size;
  }

  /** The first extent at or behind a block. */
  private boolean next(long fileBlockNr, ExtentRun run) throws IOException {
    long at = fileBlockNr;
    while (at < ExtentNode.FILE_BLOCKS_MAX) {
      live.tree().lookUp(at, run);
      if (run.state != ExtentRun.State.HOLE) {
        return true;
      }
      at = run.endFileBlockNr();
    }
    return false;
  }

  /** The last extent that starts at or behind {@code from} and before {@code end}. */
  private boolean previous(long end, long from, ExtentRun run) throws IOException {
    ExtentRun last = new ExtentRun();
    boolean found = false;
    long at = from;
    while (at < end && next(at, run) && run.fileBlockNr < end) {
      last.set(run.state, run.fileBlockNr, run.lengthBlocks, run.startBlockNr);
      found = true;
      at = run.endFileBlockNr();
    }
    run.set(last.state, last.fileBlockNr, last.lengthBlocks, last.startBlockNr);
    return found;
  }

  private void move(ExtentRun run, long shiftBlocks) throws IOException {
    try (Handle handle = context.start(CREDITS)) {
      handle.access(live.block().buffer());
      long stamp = live.fieldLock().writeLock();
      try {
        writer.shift(handle, run, shiftBlocks);
      } finally {
        live.fieldLock().unlockWrite(stamp);
      }
    }
  }

  private void splitAt(long fileBlockNr) throws IOException {
    try (Handle handle = context.start(CREDITS)) {
      handle.access(live.block().buffer());
      long stamp = live.fieldLock().writeLock();
      try {
        writer.split(handle, fileBlockNr);
      } finally {
        live.fieldLock().unlockWrite(stamp);
      }
    }
  }

  private void requireBlocks(long byteOffset, long lengthBytes) throws Ext4Exception {
    if (((byteOffset | lengthBytes) & (clusterBytes - 1)) != 0) {
      throw failure(Errno.EINVAL, "the range must be one of whole blocks, or clusters");
    }
  }

  private Ext4Exception failure(int errno, String detail) {
    return new Ext4Exception("moving ranges of inode " + live.inodeNr(), errno, detail);
  }
}
