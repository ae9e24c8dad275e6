package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.FastCommitTags;
import dev.dioring.ext4lite.format.JournalSuperblock;
import java.lang.foreign.MemorySegment;

/** Looks for fast commits behind the last transaction of a log. */
final class FastCommitScan {
  private final JournalIo journal;
  private final JournalSuperblock superblock;
  private final FastCommitTags tags;

  FastCommitScan(JournalIo journal, JournalSuperblock superblock) {
    this.journal = journal;
    this.superblock = superblock;
    tags = new FastCommitTags(journal.blockSizeBytes());
  }

  /**
   * Whether at least one fast commit is whole.
   *
   * @param sequence the transaction they are part of: the one that follows the log's last
   * @param block memory for a block
   */
  boolean find(int sequence, MemorySegment block) throws BlockIoException {
    if (!superblock.features().fastCommit()) {
      return false;
    }
    int crc = 0;
    boolean first = true;
    // The block between the log and the fast commits is not used.
    for (long at = superblock.endBlock() + 1; at < superblock.lengthBlocks(); at++) {
      journal.read(at, 1, block);
      tags.begin(block);
      while (tags.next()) {
        if (first && !tags.isHeadOf(sequence)) {
          return false;
        }
        first = false;
        crc = tags.updateChecksum(crc);
        if (tags.tag() == FastCommitTags.TAIL) {
          return tags.isTailOf(sequence, crc);
        }
      }
      if (first) {
        return false;
      }
    }
    return false;
  }
}
