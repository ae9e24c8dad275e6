package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Crc32c;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inodes that hold one attribute value each (ea_inode), as one change makes, shares and drops them.
 * An inode counts who refers to it; the last one to go leaves it among the orphans, and it is freed
 * when this is closed, which must be after the handle. The caller holds the volume's attribute
 * lock.
 */
final class ValueInodes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ValueInodes.class);

  /** An inode with its bitmap and descriptor, a node of extents, and bitmaps of the blocks. */
  private static final int MAKE_CREDITS = 16;

  /** An inode, and the list of orphans. */
  private static final int DROP_CREDITS = 4;

  private final ChangeContext context;
  private final VolumeContext volume;
  private final List<LiveInode> held = new ArrayList<>();
  private final List<Long> dropped = new ArrayList<>();
  private @Nullable LiveInode made;

  ValueInodes(ChangeContext context) {
    this.context = context;
    volume = context.reader().context();
  }

  boolean isPossible() {
    return context.reader().has(Feature.EA_INODE);
  }

  /** Blocks that making one for a value, and dropping another, may change. */
  int credits(int valueBytes) {
    return isPossible() ? MAKE_CREDITS + DROP_CREDITS + blocks(valueBytes) : 0;
  }

  /** Blocks that dropping so many may change. */
  static int dropCredits(int count) {
    return DROP_CREDITS * count;
  }

  /** Blocks of a value. */
  int blocks(long valueBytes) {
    return (int) Math.ceilDiv(valueBytes, volume.groups().blockSizeBytes());
  }

  /** Makes an inode for a value. @return the attribute that refers to it */
  XattrRegion.Attribute make(
      Handle handle, LiveInode owner, int nameIndex, byte[] name, byte[] value) throws IOException {
    Inode parent = owner.inode();
    NewInode spec = NewInode.of(FileKind.REGULAR, 0600, parent.uid(), parent.gid());
    LiveInode inode = new InodeCreation(context).make(handle, owner, spec, 1);
    held.add(inode);
    made = inode;
    int hash = Crc32c.update(volume.checksums().seed(), value);
    long stamp = inode.fieldLock().writeLock();
    try {
      fill(handle, inode, value);
      inode.inode().time(InodeStamp.ACCESS, hash, 0);
      references(inode.inode(), 1);
      inode.block().changed(handle);
    } finally {
      inode.fieldLock().unlockWrite(stamp);
    }
    return XattrRegion.Attribute.inInode(nameIndex, name, inode.inodeNr(), value.length, hash);
  }

  private void fill(Handle handle, LiveInode live, byte[] value) throws IOException {
    Inode inode = live.inode();
    inode.flags((inode.flags() & Inode.FLAG_EXTENTS) | Inode.FLAG_EA_INODE);
    int blockSizeBytes = volume.groups().blockSizeBytes();
    BlockAppender blocks = new BlockAppender(volume, context.blocks(), live);
    for (int at = 0; at < value.length; at += blockSizeBytes) {
      long blockNr = blocks.append(handle, at / blockSizeBytes);
      inode.size(Math.min(value.length, at + blockSizeBytes));
      try (MetadataBuffer buffer = volume.cache().create(blockNr, BlockRole.NONE)) {
        buffer.writeOrder(WriteOrder.UNREFERENCED);
        handle.access(buffer);
        int length = Math.min(blockSizeBytes, value.length - at);
        MemorySegment.copy(MemorySegment.ofArray(value), at, buffer.data(), 0, length);
        handle.dirty(buffer);
      }
    }
  }

  /** Undoes {@link #make}, through the same handle. */
  void undo(Handle handle) throws IOException {
    LiveInode inode = made;
    if (inode == null) {
      return;
    }
    made = null;
    held.remove(inode);
    long stamp = inode.fieldLock().writeLock();
    try {
      MapWriter writer = MapWriter.of(volume, inode.block(), inode.tree(), context.blocks());
      long end = blocks(inode.inode().size());
      for (long at = 0; at < end; ) {
        at = writer.remove(handle, at, end);
      }
    } finally {
      inode.fieldLock().unlockWrite(stamp);
    }
    new InodeCreation(context).undo(handle, inode);
  }

  /** One more attribute refers to a value. */
  void raise(Handle handle, long inodeNr) throws IOException {
    count(handle, inodeNr, 1);
  }

  /** One attribute less will refer to a value: counted by {@link #settle}. */
  void drop(long inodeNr) {
    dropped.add(inodeNr);
  }

  /** Counts what was dropped. The caller holds no lock of fields. */
  void settle(Handle handle) throws IOException {
    for (long inodeNr : dropped) {
      try {
        LiveInode inode = count(handle, inodeNr, -1);
        context.orphans().addNameless(handle, inode);
      } catch (CorruptStructureException e) {
        // What refers to it is gone already: e2fsck finds what is left over.
        LOG.warn("attribute value in inode {} is not freed: {}", inodeNr, e.getMessage());
      }
    }
    dropped.clear();
  }

  private LiveInode count(Handle handle, long inodeNr, int change) throws IOException {
    LiveInode live = context.inodes().acquire(inodeNr);
    held.add(live);
    if (!live.inode().has(Inode.FLAG_EA_INODE)) {
      throw new CorruptStructureException(
          "attribute value in inode " + inodeNr, "i_flags", "EA_INODE", "others");
    }
    handle.access(live.block().buffer());
    long stamp = live.fieldLock().writeLock();
    try {
      Inode inode = live.inode();
      long now = Math.max(0, references(inode) + change);
      references(inode, now);
      if (now == 0) {
        inode.linksCount(0);
      }
      live.block().changed(handle);
    } finally {
      live.fieldLock().unlockWrite(stamp);
    }
    return live;
  }

  /** How many attributes refer to a value; the count lies where others have a time and version. */
  static long references(Inode inode) {
    return inode.seconds(InodeStamp.CHANGE) << 32 | (inode.version() & 0xffff_ffffL);
  }

  private static void references(Inode inode, long count) {
    inode.time(InodeStamp.CHANGE, count >>> 32, 0);
    inode.version(count & 0xffff_ffffL);
  }

  /** Lets go of the inodes: those that nothing refers to any more are freed. */
  @Override
  public void close() throws IOException {
    for (LiveInode inode : held) {
      context.inodes().release(inode);
    }
    held.clear();
  }
}
