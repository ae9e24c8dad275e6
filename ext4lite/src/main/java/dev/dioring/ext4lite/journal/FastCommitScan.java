package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.FastCommitTags;
import dev.dioring.ext4lite.format.JournalSuperblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the fast commits behind the last transaction of a log, as far as they are whole: each ends
 * with a tail that has the transaction they are part of, and the right checksum. They were written
 * one after the other, so what follows the first that is not whole is from before.
 */
final class FastCommitScan {
  private final JournalIo journal;
  private final JournalSuperblock superblock;
  private final FastCommitTags tags;
  private final Arena arena;

  /** Tags that were passed, and those up to the last good tail. */
  private int passed;

  private int whole;
  private int crc;

  FastCommitScan(JournalIo journal, JournalSuperblock superblock, Arena arena) {
    this.journal = journal;
    this.superblock = superblock;
    this.arena = arena;
    tags = new FastCommitTags(journal.blockSizeBytes());
  }

  /**
   * Scans.
   *
   * @param sequence the transaction they are part of: the one that follows the log's last
   */
  FastCommits run(int sequence) throws BlockIoException {
    if (!superblock.features().fastCommit()) {
      return FastCommits.NONE;
    }
    List<MemorySegment> blocks = new ArrayList<>();
    // The block between the log and the fast commits is not used.
    for (long at = superblock.endBlock() + 1; at < superblock.lengthBlocks(); at++) {
      MemorySegment block = arena.allocate(journal.blockSizeBytes(), journal.blockSizeBytes());
      journal.read(at, 1, block);
      blocks.add(block);
      if (!take(block, sequence)) {
        break;
      }
    }
    return whole == 0 ? FastCommits.NONE : new FastCommits(blocks, whole);
  }

  /** Goes through the tags of a block. @return whether the next block may have more */
  private boolean take(MemorySegment block, int sequence) {
    tags.begin(block);
    boolean any = false;
    while (tags.next()) {
      boolean head = tags.tag() == FastCommitTags.HEAD;
      if ((passed == 0 && !head) || (head && !tags.isHeadOf(sequence)) || !tags.isWellFormed()) {
        return false;
      }
      any = true;
      passed++;
      crc = tags.updateChecksum(crc);
      if (tags.tag() == FastCommitTags.TAIL) {
        if (!tags.isTailOf(sequence, crc)) {
          return false;
        }
        crc = 0;
        whole = passed;
      }
    }
    return any;
  }
}
