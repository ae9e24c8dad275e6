package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Crc32c;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.format.XattrHash;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A large attribute value, which is the content of an inode of its own. The inode keeps the value's
 * hash, a crc32c, where others keep the access time.
 */
final class XattrValueInode {
  private final VolumeReader volume;
  private final Ext4Inode owner;
  private final Ext4Inode holder;

  XattrValueInode(VolumeReader volume, Ext4Inode owner, long inodeNr) throws IOException {
    this.volume = volume;
    this.owner = owner;
    holder = volume.inode(inodeNr);
    if (!holder.raw().has(Inode.FLAG_EA_INODE)) {
      throw corrupt("i_flags", "EA_INODE", "0x" + Integer.toHexString(holder.flags()));
    }
  }

  byte[] read(MemorySegment memory, long entry, int size) throws IOException {
    if (holder.raw().size() != size) {
      throw corrupt("i_size", "e_value_size " + size, Long.toString(holder.raw().size()));
    }
    byte[] value = content(size);
    int stored = (int) holder.raw().seconds(InodeStamp.ACCESS);
    int computed = Crc32c.update(volume.context().checksums().seed(), value);
    if (computed != stored && !isOwnedTheOldWay()) {
      throw corrupt(
          "hash of the value",
          "0x" + Integer.toHexString(computed),
          "0x" + Integer.toHexString(stored));
    }
    if (computed == stored && !XattrHash.matches(memory, entry, stored)) {
      throw corrupt("e_hash", "the hash of name and value", "another");
    }
    return value;
  }

  /** Lustre's inodes of values keep no hash; they point back to their one owner. */
  private boolean isOwnedTheOldWay() {
    return (int) holder.raw().seconds(InodeStamp.MODIFICATION) == (int) owner.inodeNr()
        && holder.generation() == owner.generation();
  }

  private byte[] content(int size) throws IOException {
    int blockSize = volume.context().groups().blockSizeBytes();
    FileMap map = holder.map();
    ExtentRun run = new ExtentRun();
    byte[] value = new byte[size];
    for (int at = 0; at < size; at += blockSize) {
      long fileBlockNr = at / blockSize;
      map.lookUp(fileBlockNr, run);
      if (run.state != ExtentRun.State.WRITTEN) {
        throw corrupt("its block " + fileBlockNr, "written", run.state.toString());
      }
      long blockNr = run.startBlockNr + (fileBlockNr - run.fileBlockNr);
      try (MetadataBuffer buffer = volume.context().cache().get(blockNr)) {
        int length = Math.min(blockSize, size - at);
        MemorySegment.copy(buffer.data(), 0, MemorySegment.ofArray(value), at, length);
      }
    }
    return value;
  }

  private CorruptStructureException corrupt(String predicate, String expected, String found) {
    return new CorruptStructureException(
        "attribute value in inode " + holder.inodeNr() + " for inode " + owner.inodeNr(),
        predicate,
        expected,
        found);
  }
}
