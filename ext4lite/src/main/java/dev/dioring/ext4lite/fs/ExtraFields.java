package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.format.XattrSpace;

/**
 * The fields of an inode beyond its first 128 bytes, i_extra_isize of them: nanoseconds, times
 * after 2038, the time of birth, the project. An inode that was made with fewer than its volume
 * wants by now, when that was ext3 for example, gets the others when it changes. One with
 * attributes behind them stays as it is: who reads those may do so without a lock. Linux moves
 * them.
 */
final class ExtraFields {
  /** Of the inodes of today, whatever the superblock says. */
  private static final int DEFAULT_BYTES = 32;

  private ExtraFields() {}

  /** How many bytes of them an inode of some size is to have. */
  static int wantedBytes(Superblock superblock, int recordBytes) {
    int wanted = DEFAULT_BYTES;
    if (superblock.has(Feature.EXTRA_ISIZE)) {
      wanted = Math.max(wanted, superblock.wantExtraIsize());
      wanted = Math.max(wanted, superblock.minExtraIsize());
    }
    return Inode.BASE_BYTES + wanted > recordBytes ? DEFAULT_BYTES : wanted;
  }

  /** Whether an inode has room for parts of a second, once {@link #grow} was done. */
  static boolean keepFractions(Inode inode) {
    return inode.hasFraction(InodeStamp.MODIFICATION)
        || (inode.recordBytes() > Inode.BASE_BYTES && !XattrSpace.of(inode).isUsed());
  }

  /** Gives an inode those that it lacks, if nothing is in their place. The caller stores it. */
  static void grow(Superblock superblock, Inode inode) {
    if (inode.recordBytes() == Inode.BASE_BYTES) {
      return;
    }
    int has = inode.extraBytes();
    int wanted = wantedBytes(superblock, inode.recordBytes());
    if (has >= wanted || XattrSpace.of(inode).isUsed()) {
      return;
    }
    long fields = inode.byteOffset() + Inode.BASE_BYTES;
    inode.memory().asSlice(fields + has, wanted - has).fill((byte) 0);
    inode.extraBytes(wanted);
  }
}
