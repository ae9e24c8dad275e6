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
  private static final int LOG_SMALLEST_BLOCK = 10;
  private static final int LOG_BLOCK_SIZE_MAX = 6;

  private final BlockIo io;
  private final String name;

  SuperblockReader(BlockIo io, String name) {
    this.io = io;
    this.name = name;
  }

  /**
   * Reads the primary superblock of a volume that can be read.
   *
   * @param arena for the copy in memory
   * @throws Ext4Exception EMEDIUMTYPE if the device holds no ext4, EUCLEAN if the superblock is
   *     corrupt, EOPNOTSUPP if it has features that are not supported, EIO if the device is too
   *     small for its filesystem
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
        throw notExt4(superblock, count);
      }
      SuperblockCheck.checkIdentity(superblock, "superblock");
      FeatureRules.requireReadable(name, superblock);
      SuperblockCheck.checkLayout(superblock, "superblock");
    } catch (CorruptStructureException e) {
      throw new Ext4Exception(
          "opening " + name, Errno.EUCLEAN, e.getMessage() + advice(superblock));
    }
    BlockGroups groups = BlockGroups.of(superblock);
    long wanted = groups.blocksCount() * groups.blockSizeBytes();
    if (sizeBytes < wanted) {
      throw new Ext4Exception(
          "opening " + name,
          Errno.EUCLEAN,
          "the image is truncated: its filesystem has "
              + wanted
              + " bytes, the image only "
              + sizeBytes);
    }
    return superblock;
  }

  private Ext4Exception notExt4(Superblock found, long readBytes) {
    String advice = advice(found);
    if (!advice.isEmpty()) {
      return new Ext4Exception(
          "opening " + name, Errno.EUCLEAN, "its superblock is corrupt" + advice);
    }
    String other = ForeignContent.describe(found.memory(), readBytes);
    return new Ext4Exception(
        "opening " + name,
        Errno.EMEDIUMTYPE,
        other.isEmpty() ? "it is not an ext4 image" : "it is not an ext4 image; " + other);
  }

  /** Names a good backup superblock, if there is one where it is to be expected. */
  private String advice(Superblock primary) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      for (int log = 0; log <= LOG_BLOCK_SIZE_MAX; log++) {
        int blockSize = Superblock.SIZE_BYTES << log;
        long firstDataBlock = blockSize == Superblock.SIZE_BYTES ? 1 : 0;
        // Where mke2fs puts it unless told otherwise, and where what is left of the primary says.
        long[] candidates = {
          firstDataBlock + (long) Byte.SIZE * blockSize,
          firstDataBlock + primary.blocksPerGroup(),
          primary.blocksPerGroup()
        };
        for (long blockNr : candidates) {
          if (isGoodBackup(memory, blockNr, log)) {
            return "; the backup in block "
                + blockNr
                + " is good: e2fsck -b "
                + blockNr
                + " -B "
                + blockSize
                + " can repair it";
          }
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }

  private boolean isGoodBackup(MemorySegment memory, long blockNr, int logBlockSize)
      throws IOException {
    long at = blockNr << (LOG_SMALLEST_BLOCK + logBlockSize);
    long aligned = at & -BLOCK_BYTES;
    if (blockNr == 0
        || at + Superblock.SIZE_BYTES > io.device().geometry().sizeBytes()
        || io.read(aligned, memory) < at - aligned + Superblock.SIZE_BYTES) {
      return false;
    }
    Superblock backup = new Superblock(memory, at - aligned);
    return backup.logBlockSize() == logBlockSize && isGood(backup, blockNr);
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
