package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.format.SuperblockCheck;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads and checks the superblock of a device, and says what is wrong if it is not one. */
final class SuperblockReader {
  private static final int BLOCK_BYTES = 4096;
  private static final int[] BACKUP_BLOCK_SIZES = {1024, 2048, 4096, 65536};

  private final BlockIo io;
  private final String name;

  SuperblockReader(BlockIo io, String name) {
    this.io = io;
    this.name = name;
  }

  /**
   * Reads the primary superblock.
   *
   * @param arena for the copy in memory
   * @throws Ext4Exception EMEDIUMTYPE if the device holds no ext4, EUCLEAN if the superblock is
   *     corrupt, EIO if the device is too small for its filesystem
   */
  Superblock read(Arena arena) throws IOException {
    long sizeBytes = io.device().geometry().sizeBytes();
    if (sizeBytes == 0) {
      throw new Ext4Exception("opening " + name, Errno.EMEDIUMTYPE, "it is empty");
    }
    MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
    int count = io.read(0, block);
    Superblock superblock = new Superblock(block, Superblock.VOLUME_BYTE_OFFSET);
    boolean whole = count >= Superblock.VOLUME_BYTE_OFFSET + Superblock.SIZE_BYTES;
    try {
      if (!whole || superblock.magic() != Superblock.MAGIC) {
        throw notExt4();
      }
      SuperblockCheck.check(superblock, "superblock");
    } catch (CorruptStructureException e) {
      throw new Ext4Exception("opening " + name, Errno.EUCLEAN, e.getMessage() + advice());
    }
    BlockGroups groups = BlockGroups.of(superblock);
    long wanted = groups.blocksCount() * groups.blockSizeBytes();
    if (sizeBytes < wanted) {
      throw new Ext4Exception(
          "opening " + name,
          Errno.EIO,
          "the image is truncated: its filesystem has "
              + wanted
              + " bytes, the image only "
              + sizeBytes);
    }
    return superblock;
  }

  private Ext4Exception notExt4() {
    String advice = advice();
    return advice.isEmpty()
        ? new Ext4Exception("opening " + name, Errno.EMEDIUMTYPE, "it is not an ext4 image")
        : new Ext4Exception("opening " + name, Errno.EUCLEAN, "its superblock is corrupt" + advice);
  }

  /** Names a good backup superblock, where mke2fs puts the first one, if there is one. */
  private String advice() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      for (int blockSize : BACKUP_BLOCK_SIZES) {
        long firstDataBlock = blockSize == 1024 ? 1 : 0;
        long backupNr = firstDataBlock + 8L * blockSize;
        long at = backupNr * blockSize;
        long aligned = at & -BLOCK_BYTES;
        if (at + Superblock.SIZE_BYTES > io.device().geometry().sizeBytes()
            || io.read(aligned, block) < at - aligned + Superblock.SIZE_BYTES) {
          continue;
        }
        if (isGood(new Superblock(block, at - aligned), backupNr)) {
          return "; the backup in block "
              + backupNr
              + " is good: e2fsck -b "
              + backupNr
              + " -B "
              + blockSize
              + " can repair it";
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }

  private static boolean isGood(Superblock backup, long blockNr) {
    try {
      SuperblockCheck.check(backup, "backup superblock in block " + blockNr);
      return true;
    } catch (CorruptStructureException e) {
      return false;
    }
  }
}
