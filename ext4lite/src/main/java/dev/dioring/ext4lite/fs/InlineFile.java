package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.format.XattrName;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;

/**
 * The content of a small regular file that lies in its inode, or would if something was written:
 * the first 60 bytes in i_block, the rest in the attribute system.data. What it holds is metadata
 * to the journal. The caller has the file's I/O lock, exclusive for changes, with nothing in
 * flight.
 */
final class InlineFile {
  /** The inode; a block that content moves to, with bitmap and descriptor. */
  private static final int CREDITS = 4;

  private static final byte[] DATA = {'d', 'a', 't', 'a'};
  private static final int ALIGNMENT_BYTES = 4096;

  private final ChangeContext context;
  private final VolumeContext volume;
  private final LiveInode live;

  InlineFile(ChangeContext context, LiveInode live) {
    this.context = context;
    this.live = live;
    volume = context.reader().context();
  }

  /** Whether a file's content is in its inode, or goes there with the first write. */
  static boolean mayBe(ChangeContext context, LiveInode live) {
    Inode inode = live.inode();
    if (inode.has(Inode.FLAG_INLINE_DATA)) {
      return true;
    }
    boolean possible =
        context.reader().has(Feature.INLINE_DATA) && context.readOnlyReason().isEmpty();
    return possible && inode.size() == 0 && hasNoBlocks(inode);
  }

  private static boolean hasNoBlocks(Inode inode) {
    long root = inode.byteOffset() + Inode.BLOCK_OFFSET;
    if (inode.has(Inode.FLAG_EXTENTS)) {
      return ExtentNode.entries(inode.memory(), root) == 0;
    }
    for (int i = 0; i < BlockMap.DIRECT + BlockMap.LEVELS_MAX; i++) {
      if (BlockMap.blockNr(inode.memory(), root, i) != 0) {
        return false;
      }
    }
    return true;
  }

  boolean isInline() {
    return live.inode().has(Inode.FLAG_INLINE_DATA);
  }

  /** The content; none of a file that nothing was written to yet. */
  byte[] content() throws IOException {
    long stamp = live.fieldLock().readLock();
    try {
      return isInline() ? new InlineData(context.reader(), live.view()).content() : new byte[0];
    } finally {
      live.fieldLock().unlockRead(stamp);
    }
  }

  /** Whether content of so many bytes has room in the inode. */
  boolean fits(long sizeBytes) throws IOException {
    long stamp = live.fieldLock().readLock();
    try {
      int rest = new XattrStore(context, live).inodeValueBytesMax(XattrName.SYSTEM, DATA);
      return rest >= 0 && sizeBytes <= Inode.BLOCK_BYTES + rest;
    } finally {
      live.fieldLock().unlockRead(stamp);
    }
  }

  /** Writes what {@link #fits}; {@code keepTimes} leaves the times alone. */
  void write(RegularFile file, long position, MemorySegment data, boolean keepTimes)
      throws IOException {
    byte[] old = content();
    int end = (int) (position + data.byteSize());
    byte[] now = Arrays.copyOf(old, Math.max(old.length, end));
    MemorySegment.copy(data, 0, MemorySegment.ofArray(now), position, data.byteSize());
    store(file, now, keepTimes);
  }

  /** Cuts the content or adds zeroes to it, where that {@link #fits}. */
  void resize(RegularFile file, long sizeBytes) throws IOException {
    store(file, Arrays.copyOf(content(), (int) sizeBytes), false);
  }

  private void store(RegularFile file, byte[] content, boolean keepTimes) throws IOException {
    int first = Math.min(content.length, Inode.BLOCK_BYTES);
    byte[] rest = Arrays.copyOfRange(content, first, content.length);
    Instant now = context.clock().instant();
    try (Handle handle = context.start(CREDITS)) {
      context.attributes().lock();
      long stamp = live.fieldLock().writeLock();
      try {
        new XattrStore(context, live).setInInode(handle, XattrName.SYSTEM, DATA, rest);
        Inode inode = live.inode();
        inode.flags((inode.flags() & ~Inode.FLAG_EXTENTS) | Inode.FLAG_INLINE_DATA);
        inode.block(Arrays.copyOf(content, first));
        file.size(content.length);
        if (!keepTimes) {
          inode.time(InodeStamp.MODIFICATION, now.getEpochSecond(), now.getNano());
          inode.time(InodeStamp.CHANGE, now.getEpochSecond(), now.getNano());
        }
        inode.version(inode.version() + 1);
        live.block().changed(handle);
      } finally {
        live.fieldLock().unlockWrite(stamp);
        context.attributes().unlock();
      }
    }
  }

  /**
   * Moves the content to a block. That is only claimed until the data is on it, so no crash shows
   * what it held before.
   */
  void moveOut() throws IOException {
    if (!isInline()) {
      return;
    }
    byte[] content = content();
    if (content.length == 0) {
      map(0);
      return;
    }
    long blockNr = claim();
    boolean done = false;
    try {
      writeBlock(blockNr, content);
      map(blockNr);
      done = true;
    } finally {
      if (!done) {
        context.blocks().unclaim(blockNr, 1);
      }
    }
  }

  /** Drops the content: it will lie in blocks, and is there already. */
  void empty() throws IOException {
    map(0);
  }

  private long claim() throws IOException {
    boolean wide = context.reader().has(Feature.EXTENTS);
    long end = wide ? Long.MAX_VALUE : BlockMap.BLOCK_NR_MAX + 1;
    try (Handle handle = context.start(CREDITS)) {
      long goal = context.blocks().goalFor(live.inodeNr());
      return context.blocks().claim(handle, goal, 1, end).blockNr();
    }
  }

  private void writeBlock(long blockNr, byte[] content) throws IOException {
    int blockSizeBytes = volume.groups().blockSizeBytes();
    BlockIo io = volume.cache().io();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment block = arena.allocate(blockSizeBytes, ALIGNMENT_BYTES);
      MemorySegment.copy(MemorySegment.ofArray(content), 0, block, 0, content.length);
      io.write(blockNr << volume.groups().blockSizeShift(), block);
    }
  }

  private void map(long blockNr) throws IOException {
    try (Handle handle = context.start(CREDITS)) {
      context.attributes().lock();
      long stamp = live.fieldLock().writeLock();
      try {
        handle.access(live.block().buffer());
        if (blockNr != 0) {
          context.blocks().requireQuota(live.block(), 1);
          context.blocks().take(handle, blockNr, 1);
          context.blocks().charge(handle, live.block(), 1);
        }
        new XattrStore(context, live).setInInode(handle, XattrName.SYSTEM, DATA, null);
        mapBlock(live.inode(), context.reader().has(Feature.EXTENTS), blockNr);
        live.block().changed(handle);
      } finally {
        live.fieldLock().unlockWrite(stamp);
        context.attributes().unlock();
      }
    }
  }

  /** Turns an inode with inline data into one with a block, or with none if that is 0. */
  static void mapBlock(Inode inode, boolean extents, long blockNr) {
    inode.flags(inode.flags() & ~Inode.FLAG_INLINE_DATA);
    inode.clearBlock();
    long root = inode.byteOffset() + Inode.BLOCK_OFFSET;
    if (!extents) {
      BlockMap.blockNr(inode.memory(), root, 0, blockNr);
      return;
    }
    inode.flags(inode.flags() | Inode.FLAG_EXTENTS);
    int entries = blockNr == 0 ? 0 : 1;
    ExtentNode.header(inode.memory(), root, entries, ExtentNode.ROOT_ENTRIES_MAX, 0, 0);
    if (blockNr != 0) {
      ExtentNode.leaf(inode.memory(), root, 0, 0, 1, blockNr, false);
    }
  }
}
