package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.WriteOrder;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.XattrCheck;
import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
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

  XattrStore(ChangeContext context, LiveInode live) {
    this.context = context;
    this.live = live;
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
   *     its own; nothing was changed then
   */
  void set(Handle handle, int nameIndex, byte[] name, byte @Nullable [] value) throws IOException {
    XattrRegion inInode = readInode();
    XattrRegion inBlock = readBlock();
    requireOwnValue(inInode.find(nameIndex, name));
    requireOwnValue(inBlock.find(nameIndex, name));
    boolean inodeChanges = inInode.remove(nameIndex, name);
    boolean blockChanges = inBlock.remove(nameIndex, name);
    if (value != null) {
      XattrRegion.Attribute added = XattrRegion.Attribute.of(nameIndex, name, value);
      if (inInode.fits(added, inodeRoomBytes())) {
        inInode.add(added);
        inodeChanges = true;
      } else if (inBlock.fits(added, blockSizeBytes - XattrEntry.BLOCK_HEADER_BYTES)) {
        inBlock.add(added);
        blockChanges = true;
      } else {
        throw new Ext4Exception(
            "setting an attribute of inode " + live.inodeNr(), Errno.ENOSPC, "it does not fit");
      }
    }
    handle.access(live.block().buffer());
    if (blockChanges) {
      writeBlock(handle, inBlock);
    }
    if (inodeChanges) {
      writeInode(inInode);
    }
    live.block().changed(handle);
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

  /** Gives the attribute block up, when the inode is deleted. */
  void releaseBlock(Handle handle) throws IOException {
    if (inode.attributeBlockNr() != 0) {
      handle.access(live.block().buffer());
      dropBlock(handle);
      live.block().changed(handle);
    }
  }

  private void requireOwnValue(XattrRegion.@Nullable Attribute attribute) throws Ext4Exception {
    if (attribute != null && attribute.valueInodeNr != 0) {
      throw new Ext4Exception(
          "setting an attribute of inode " + live.inodeNr(),
          Errno.EOPNOTSUPP,
          "its value lies in an inode of its own (ea_inode)");
    }
  }

  private long inodeHeader() {
    return inode.byteOffset() + Inode.BASE_BYTES + inode.extraBytes();
  }

  private long inodeEnd() {
    return inode.byteOffset() + inode.recordBytes();
  }

  private long inodeRoomBytes() {
    return inode.extraBytes() == 0 ? 0 : inodeEnd() - inodeHeader() - XattrEntry.INODE_HEADER_BYTES;
  }

  private XattrRegion readInode() throws IOException {
    XattrRegion region = new XattrRegion();
    MemorySegment memory = inode.memory();
    long header = inodeHeader();
    if (inodeRoomBytes() > 0 && XattrEntry.magic(memory, header) == XattrEntry.MAGIC) {
      XattrCheck.checkInode(
          memory, header, inodeEnd(), live.inodeNr(), context.reader().features());
      long first = header + XattrEntry.INODE_HEADER_BYTES;
      region.read(memory, first, first);
    }
    return region;
  }

  private void writeInode(XattrRegion region) {
    MemorySegment memory = inode.memory();
    long header = inodeHeader();
    memory.asSlice(header, inodeEnd() - header).fill((byte) 0);
    if (!region.isEmpty()) {
      long first = header + XattrEntry.INODE_HEADER_BYTES;
      XattrEntry.writeInodeHeader(memory, header);
      region.write(memory, first, inodeEnd(), first, false);
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
