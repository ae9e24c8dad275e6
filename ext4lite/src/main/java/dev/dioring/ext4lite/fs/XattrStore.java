package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.XattrCheck;
import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.format.XattrSpace;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the attributes of one inode within a handle: they go into the inode if they fit there,
 * else into its attribute block. A block that other inodes refer to as well is not changed but
 * replaced. The caller holds the fields' lock for writing, and the volume's attribute lock.
 */
final class XattrStore {
  private final ChangeContext context;
  private final VolumeContext volume;
  private final LiveInode live;
  private final Inode inode;
  private final int blockSizeBytes;

  /** Null where values must not go to inodes of their own. */
  private final @Nullable ValueInodes values;

  XattrStore(ChangeContext context, LiveInode live) {
    this(context, live, null);
  }

  XattrStore(ChangeContext context, LiveInode live, @Nullable ValueInodes values) {
    this.context = context;
    this.live = live;
    this.values = values;
    volume = context.reader().context();
    inode = live.inode();
    blockSizeBytes = volume.groups().blockSizeBytes();
  }

  /** Whether there is an attribute. */
  boolean has(int nameIndex, byte[] name) throws IOException {
    return readInode().find(nameIndex, name) != null || readBlock().find(nameIndex, name) != null;
  }

  /**
   * Sets an attribute.
   *
   * @param value null removes it
   * @throws Ext4Exception ENOSPC if it fits nowhere; EOPNOTSUPP if the old value has an inode of
   *     its own, and must not; nothing was changed then
   */
  void set(Handle handle, int nameIndex, byte[] name, byte @Nullable [] value) throws IOException {
    XattrRegion inInode = readInode();
    XattrRegion inBlock = readBlock();
    boolean shared = isBlockShared();
    XattrRegion.Attribute old = inInode.find(nameIndex, name);
    XattrRegion.Attribute oldInBlock = inBlock.find(nameIndex, name);
    requireOwnValue(old);
    requireOwnValue(oldInBlock);
    boolean inodeChanges = inInode.remove(nameIndex, name);
    boolean blockChanges = inBlock.remove(nameIndex, name);
    List<XattrRegion.Attribute> copied =
        shared ? inBlock.inInodes() : List.<XattrRegion.Attribute>of();
    requireCounting(copied);
    handle.access(live.block().buffer());
    XattrRegion.Attribute added = null;
    try {
      if (value != null) {
        added = attribute(handle, nameIndex, name, value, inInode, inBlock);
        if (inInode.fits(added, inodeRoomBytes())) {
          inInode.add(added);
          inodeChanges = true;
        } else {
          inBlock.add(added);
          blockChanges = true;
        }
      }
      if (blockChanges) {
        writeBlock(handle, inBlock);
      }
    } catch (IOException e) {
      if (values != null) {
        values.undo(handle);
      }
      throw e;
    }
    if (inodeChanges) {
      writeInode(inInode);
    }
    if (blockChanges) {
      raise(handle, copied);
    }
    if (added != null) {
      charge(handle, added, 1);
    }
    dropValue(handle, old, false);
    dropValue(handle, oldInBlock, shared);
    live.block().changed(handle);
  }

  /** The attribute as it can be stored: with its value, or with that in an inode of its own. */
  private XattrRegion.Attribute attribute(
      Handle handle,
      int nameIndex,
      byte[] name,
      byte[] value,
      XattrRegion inInode,
      XattrRegion inBlock)
      throws IOException {
    XattrRegion.Attribute whole = XattrRegion.Attribute.of(nameIndex, name, value);
    if (fits(whole, inInode, inBlock)) {
      return whole;
    }
    boolean apart =
        values != null
            && values.isPossible()
            && fits(XattrRegion.Attribute.of(nameIndex, name, new byte[0]), inInode, inBlock);
    if (values == null || !apart) {
      throw new Ext4Exception(
          "setting an attribute of inode " + live.inodeNr(), Errno.ENOSPC, "it does not fit");
    }
    return values.make(handle, live, nameIndex, name, value);
  }

  private boolean fits(XattrRegion.Attribute added, XattrRegion inInode, XattrRegion inBlock) {
    return inInode.fits(added, inodeRoomBytes())
        || inBlock.fits(added, blockSizeBytes - XattrEntry.BLOCK_HEADER_BYTES);
  }

  /** A block that was copied refers to the same values once more. */
  private void raise(Handle handle, List<XattrRegion.Attribute> copied) throws IOException {
    for (XattrRegion.Attribute attribute : copied) {
      if (values != null) {
        values.raise(handle, attribute.valueInodeNr);
      }
    }
  }

  /** The value's inode is not referred to from here any more, though from a shared block it is. */
  private void dropValue(Handle handle, XattrRegion.@Nullable Attribute old, boolean shared) {
    if (old != null && old.valueInodeNr != 0) {
      charge(handle, old, -1);
      if (values != null && !shared) {
        values.drop(old.valueInodeNr);
      }
    }
  }

  /** The blocks of a value in an inode of its own count as the owner's too. */
  private void charge(Handle handle, XattrRegion.Attribute attribute, int sign) {
    if (attribute.valueInodeNr != 0 && values != null) {
      long clusters = context.blocks().clustersOf(attribute.valueBytes);
      context.blocks().charge(handle, live.block(), sign * clusters);
    }
  }

  /** The largest value of an attribute that has room in the inode, or negative if none has. */
  int inodeValueBytesMax(int nameIndex, byte[] name) throws IOException {
    XattrRegion region = readInode();
    boolean unused = region.remove(nameIndex, name);
    long rest = inodeRoomBytes() - region.usedBytes() - XattrEntry.entryBytesFor(name.length);
    return rest < 0 ? -1 : (int) rest & ~3;
  }

  /**
   * Sets an attribute that must be in the inode, null removes it.
   *
   * @throws Ext4Exception ENOSPC if it has no room there; nothing was changed then
   */
  void setInInode(Handle handle, int nameIndex, byte[] name, byte @Nullable [] value)
      throws IOException {
    XattrRegion region = readInode();
    boolean unused = region.remove(nameIndex, name);
    if (value != null) {
      XattrRegion.Attribute added = XattrRegion.Attribute.of(nameIndex, name, value);
      if (!region.fits(added, inodeRoomBytes())) {
        throw new Ext4Exception(
            "setting an attribute of inode " + live.inodeNr(), Errno.ENOSPC, "it does not fit");
      }
      region.add(added);
    }
    handle.access(live.block().buffer());
    writeInode(region);
    live.block().changed(handle);
  }

  /** Gives the attribute block up and drops all values, when the inode is deleted. */
  void release(Handle handle) throws IOException {
    if (values != null && values.isPossible()) {
      for (XattrRegion.Attribute attribute : readInode().inInodes()) {
        dropValue(handle, attribute, false);
      }
      boolean shared = isBlockShared();
      for (XattrRegion.Attribute attribute : readBlock().inInodes()) {
        dropValue(handle, attribute, shared);
      }
    }
    if (inode.attributeBlockNr() != 0) {
      handle.access(live.block().buffer());
      dropBlock(handle);
      live.block().changed(handle);
    }
  }

  /** How many values lie in inodes of their own. */
  int valueInodes() throws IOException {
    return readInode().inInodes().size() + readBlock().inInodes().size();
  }

  private boolean isBlockShared() throws IOException {
    if (inode.attributeBlockNr() == 0) {
      return false;
    }
    try (MetadataBuffer buffer = block()) {
      return XattrEntry.blockReferences(buffer.data(), 0) > 1;
    }
  }

  private void requireOwnValue(XattrRegion.@Nullable Attribute attribute) throws Ext4Exception {
    if (attribute != null && attribute.valueInodeNr != 0) {
      requireCounting(List.of(attribute));
    }
  }

  private void requireCounting(List<XattrRegion.Attribute> inInodes) throws Ext4Exception {
    if (values == null && !inInodes.isEmpty()) {
      throw new Ext4Exception(
          "setting an attribute of inode " + live.inodeNr(),
          Errno.EOPNOTSUPP,
          "its value lies in an inode of its own (ea_inode)");
    }
  }

  private long inodeRoomBytes() {
    return XattrSpace.of(inode).roomBytes();
  }

  private XattrRegion readInode() throws IOException {
    XattrRegion region = new XattrRegion();
    XattrSpace space = XattrSpace.of(inode);
    if (space.isUsed()) {
      space.check(live.inodeNr(), context.reader().features());
      region.read(inode.memory(), space.first(), space.first());
    }
    return region;
  }

  private void writeInode(XattrRegion region) {
    XattrSpace space = XattrSpace.of(inode);
    space.clear();
    if (!region.isEmpty()) {
      space.begin();
      region.write(inode.memory(), space.first(), space.end(), space.first(), false);
    }
  }

  private XattrRegion readBlock() throws IOException {
    XattrRegion region = new XattrRegion();
    if (inode.attributeBlockNr() != 0) {
      try (MetadataBuffer buffer = block()) {
        region.read(buffer.data(), XattrEntry.BLOCK_HEADER_BYTES, 0);
      }
    }
    return region;
  }

  private MetadataBuffer block() throws IOException {
    return volume
        .cache()
        .get(
            inode.attributeBlockNr(),
            BlockRole.attributes(),
            buffer ->
                XattrCheck.checkBlock(
                    buffer.data(),
                    buffer.blockNr(),
                    blockSizeBytes,
                    context.reader().features(),
                    volume.checksums()));
  }

  private void writeBlock(Handle handle, XattrRegion region) throws IOException {
    if (region.isEmpty()) {
      dropBlock(handle);
      return;
    }
    if (inode.attributeBlockNr() != 0) {
      try (MetadataBuffer buffer = block()) {
        if (XattrEntry.blockReferences(buffer.data(), 0) == 1) {
          handle.access(buffer);
          fill(handle, buffer, region);
          return;
        }
      }
    }
    if (inode.attributeBlockNr() == 0) {
      context.blocks().requireQuota(live.block(), 1);
    }
    long goal = context.blocks().goalFor(live.inodeNr());
    long blockNr = context.blocks().allocateOne(handle, goal);
    if (inode.attributeBlockNr() != 0) {
      dropBlock(handle);
    }
    try (MetadataBuffer buffer = volume.cache().create(blockNr, BlockRole.attributes())) {
      buffer.writeOrder(WriteOrder.UNREFERENCED);
      handle.access(buffer);
      fill(handle, buffer, region);
    }
    inode.attributeBlockNr(blockNr);
    context.blocks().charge(handle, live.block(), 1);
  }

  private void fill(Handle handle, MetadataBuffer buffer, XattrRegion region) {
    MemorySegment data = buffer.data();
    data.fill((byte) 0);
    XattrEntry.writeBlockHeader(data);
    region.write(data, XattrEntry.BLOCK_HEADER_BYTES, blockSizeBytes, 0, true);
    XattrEntry.updateBlockHash(data);
    dirty(handle, buffer);
  }

  private void dropBlock(Handle handle) throws IOException {
    new AttributeRelease(volume, context.blocks()).run(handle, live.block());
  }

  private void dirty(Handle handle, MetadataBuffer buffer) {
    buffer.checksum(
        volume.checksums().enabled()
            ? (block, blockNr) ->
                XattrEntry.updateBlockChecksum(
                    block, 0, blockSizeBytes, volume.checksums(), blockNr)
            : ChecksumUpdate.NONE);
    handle.dirty(buffer);
  }
}
