package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/**
 * Changes the size of a regular file, and makes holes in it. Writes are kept out meanwhile. What is
 * cut off is freed by bounded steps, with the file among the orphans: after a crash the rest of it
 * is cut off.
 */
final class FileResize {
  private static final int CREDITS = 8;
  private static final int ALIGNMENT_BYTES = 4096;

  private final ChangeContext context;
  private final VolumeContext volume;
  private final LiveInode live;
  private final RegularFile file;
  private final int blockSizeBytes;
  private final int blockShift;

  FileResize(ChangeContext context, LiveInode live, RegularFile file) {
    this.context = context;
    this.live = live;
    this.file = file;
    volume = context.reader().context();
    blockSizeBytes = volume.groups().blockSizeBytes();
    blockShift = volume.groups().blockSizeShift();
  }

  /** Sets the size; blocks behind it are freed, those that were allocated ahead too. */
  void resize(long sizeBytes) throws IOException {
    if (sizeBytes < 0 || sizeBytes > file.layout().sizeBytesMax()) {
      int errno = sizeBytes < 0 ? Errno.EINVAL : Errno.EFBIG;
      throw new Ext4Exception("resizing inode " + live.inodeNr(), errno, "to " + sizeBytes);
    }
    file.alone(
        () -> {
          InlineContent inline = file.inline();
          if (inline != null && inline.resize(sizeBytes)) {
            return;
          }
          file.giveUpClaims();
          long old = file.sizeBytes();
          zeroRest(Math.min(old, sizeBytes));
          if (sizeBytes > old) {
            store(sizeBytes, false);
          } else {
            shrink(sizeBytes);
            noteEmptied(old);
          }
        });
  }

  /**
   * Makes a hole: whole blocks are freed, parts of blocks zeroed. The size stays.
   *
   * @throws Ext4Exception EINVAL, EOPNOTSUPP
   */
  void punch(long byteOffset, long lengthBytes) throws IOException {
    file.alone(
        () -> {
          file.giveUpClaims();
          long rest = Math.max(0, roundUp(file.sizeBytes()) - byteOffset);
          long end = byteOffset + Math.min(lengthBytes, rest);
          if (byteOffset < end) {
            zeroEdges(byteOffset, end);
            free(roundUp(byteOffset) >>> blockShift, end >>> blockShift);
          }
          touch();
        });
  }

  /**
   * Frees the blocks of a range; writes are kept out. Reads that found them have to end first: when
   * they are free, others may write there.
   */
  void free(long fromFileBlockNr, long endFileBlockNr) throws IOException {
    file.hide(new FileBlocks(fromFileBlockNr, endFileBlockNr));
    try {
      file.completions().inFlight().await();
      remove(fromFileBlockNr, endFileBlockNr);
    } finally {
      file.hide(null);
    }
  }

  private void remove(long fromFileBlockNr, long endFileBlockNr) throws IOException {
    MapWriter writer = file.layout().writer();
    long at = fromFileBlockNr;
    while (at < endFileBlockNr) {
      try (Handle handle = context.start(Truncate.CREDITS)) {
        handle.access(live.block().buffer());
        long stamp = live.fieldLock().writeLock();
        try {
          at = writer.remove(handle, at, endFileBlockNr);
        } finally {
          live.fieldLock().unlockWrite(stamp);
        }
      }
    }
  }

  private void shrink(long sizeBytes) throws IOException {
    if (!volume.journal().isAtomic()) {
      cutAndShrink(sizeBytes);
      return;
    }
    store(sizeBytes, true);
    cut(sizeBytes);
    try (Handle handle = context.start(CREDITS)) {
      context.orphans().removeNamed(handle, live);
    }
  }

  /**
   * Without a journal the blocks go first, for good where the inode does not map them itself:
   * e2fsck takes whole extents away that reach behind the end of their file.
   */
  private void cutAndShrink(long sizeBytes) throws IOException {
    long old = file.sizeBytes();
    file.endReadsAt(sizeBytes);
    try {
      boolean mappedElsewhere = isMappedElsewhere();
      cut(sizeBytes);
      if (mappedElsewhere) {
        volume.journal().commit();
      }
      store(sizeBytes, false);
    } catch (IOException e) {
      file.endReadsAt(old);
      throw e;
    }
  }

  /** Whether blocks besides the inode's own map the content. */
  private boolean isMappedElsewhere() {
    Inode inode = live.inode();
    return inode.has(Inode.FLAG_EXTENTS)
        ? live.tree().depth() > 0
        : inode.size() > (long) BlockMap.DIRECT << blockShift;
  }

  /** Stores a smaller size of a file whose blocks were moved to its start. */
  void storeAfterMapping(long sizeBytes) throws IOException {
    if (!volume.journal().isAtomic() && isMappedElsewhere()) {
      volume.journal().commit();
    }
    store(sizeBytes, false);
  }

  private void cut(long sizeBytes) throws IOException {
    // Reads that began before they knew of the new size may still be on what is freed now.
    file.completions().inFlight().await();
    new Truncate(volume, live.block(), live.tree(), context.blocks())
        .run(roundUp(sizeBytes) >>> blockShift);
  }

  private void noteEmptied(long oldBytes) {
    DelayedWrite delayed = file.delayed();
    if (delayed != null && oldBytes > 0 && file.sizeBytes() == 0) {
      delayed.replacesContent();
    }
  }

  /** Stores a size and the time; writes are kept out. */
  void store(long sizeBytes, boolean orphan) throws IOException {
    Instant now = context.clock().instant();
    try (Handle handle = context.start(CREDITS)) {
      context.blocks().noteSize(handle, sizeBytes);
      if (orphan) {
        context.orphans().add(handle, live);
      }
      context.change(
          handle,
          live,
          inode -> {
            file.size(sizeBytes);
            stamp(inode, now);
          });
    }
  }

  private void touch() throws IOException {
    Instant now = context.clock().instant();
    try (Handle handle = context.start(1)) {
      context.change(handle, live, inode -> stamp(inode, now));
    }
  }

  private static void stamp(Inode inode, Instant now) {
    inode.time(InodeStamp.MODIFICATION, now.getEpochSecond(), now.getNano());
    inode.time(InodeStamp.CHANGE, now.getEpochSecond(), now.getNano());
    inode.version(inode.version() + 1);
  }

  /**
   * Refuses files whose content cannot be changed.
   *
   * @throws Ext4Exception EPERM, ENOKEY
   */
  static void requireChangeable(LiveInode live) throws Ext4Exception {
    Inode inode = live.inode();
    String what = "changing inode " + live.inodeNr();
    if (inode.has(Inode.FLAG_ENCRYPT)) {
      throw new Ext4Exception(what, Errno.ENOKEY, "it is encrypted");
    }
    if (inode.has(Inode.FLAG_VERITY)) {
      throw new Ext4Exception(what, Errno.EPERM, "it is sealed (verity)");
    }
  }

  private void zeroEdges(long start, long end) throws IOException {
    if (start >>> blockShift == end >>> blockShift) {
      zero(start, end);
    } else {
      zeroRest(start);
      zero(end & -(long) blockSizeBytes, end);
    }
  }

  /** Zeroes the rest of the block that a position lies in. */
  private void zeroRest(long position) throws IOException {
    zero(position, roundUp(position));
  }

  /** Zeroes a part of one block, where that holds data. */
  private void zero(long start, long end) throws IOException {
    if (start >= end) {
      return;
    }
    // No handle says so: this is before the first of the change.
    context.reader().errors().requireWritable();
    ExtentRun run = new ExtentRun();
    long fileBlockNr = start >>> blockShift;
    file.layout().map().lookUp(fileBlockNr, run);
    if (run.state != ExtentRun.State.WRITTEN) {
      return;
    }
    long block = (run.startBlockNr + fileBlockNr - run.fileBlockNr) << blockShift;
    BlockIo io = volume.cache().io();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(blockSizeBytes, ALIGNMENT_BYTES);
      io.readFully(block, memory);
      long from = start & (blockSizeBytes - 1);
      memory.asSlice(from, end - start).fill((byte) 0);
      io.write(block, memory);
    }
  }

  private long roundUp(long position) {
    return (position + blockSizeBytes - 1) & -(long) blockSizeBytes;
  }
}
