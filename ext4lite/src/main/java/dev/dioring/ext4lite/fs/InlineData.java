package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DirectoryBlockCheck;
import dev.dioring.ext4lite.format.DirectoryPlace;
import dev.dioring.ext4lite.format.InlineDirectory;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Content that lies in its inode: the first 60 bytes in i_block, the rest in the attribute
 * system.data.
 */
final class InlineData {
  private final VolumeReader volume;
  private final Ext4Inode owner;

  InlineData(VolumeReader volume, Ext4Inode owner) {
    this.volume = volume;
    this.owner = owner;
  }

  /** The content, as long as the inode says. */
  byte[] content() throws IOException {
    byte[] rest = rest();
    long size = owner.sizeBytes();
    if (size > Inode.BLOCK_BYTES + rest.length) {
      throw new CorruptStructureException(
          "inline data of inode " + owner.inodeNr(),
          "i_size",
          "<= " + (Inode.BLOCK_BYTES + rest.length),
          Long.toString(size));
    }
    byte[] content = new byte[(int) size];
    int inBlock = Math.min(content.length, Inode.BLOCK_BYTES);
    MemorySegment target = MemorySegment.ofArray(content);
    MemorySegment.copy(memory(), block(), target, 0, inBlock);
    MemorySegment.copy(MemorySegment.ofArray(rest), 0, target, inBlock, content.length - inBlock);
    return content;
  }

  /** The entries of a directory as if they lay in one block, "." and ".." included. */
  MemorySegment entries() throws IOException {
    byte[] rest = rest();
    long parent = InlineDirectory.parentInodeNr(owner.raw());
    if (!volume.context().groups().isInode(parent)) {
      throw new CorruptStructureException(
          "directory in inode " + owner.inodeNr(),
          "inode of \"..\"",
          "1.." + volume.context().groups().inodesCount(),
          Long.toString(parent));
    }
    checkRegion(memory(), block() + InlineDirectory.PARENT_BYTES, InlineDirectory.FIRST_BYTES);
    if (rest.length > 0) {
      checkRegion(MemorySegment.ofArray(rest), 0, rest.length);
    }
    return InlineDirectory.flatten(owner.raw(), owner.inodeNr(), rest);
  }

  private void checkRegion(MemorySegment region, long base, int sizeBytes)
      throws CorruptStructureException {
    DirectoryBlockCheck.checkInline(
        region,
        base,
        sizeBytes,
        volume.context().groups(),
        !owner.isEncrypted(),
        new DirectoryPlace(owner.inodeNr(), 0, 0));
  }

  private byte[] rest() throws IOException {
    return new Xattrs(volume, owner).inlineRest();
  }

  private MemorySegment memory() {
    return owner.raw().memory();
  }

  private long block() {
    return owner.raw().byteOffset() + Inode.BLOCK_OFFSET;
  }
}
