package dev.dioring.ext4lite.journal;

/**
 * The circle of blocks that the log goes round: where the next transaction starts, and how many
 * blocks hold nothing that recovery may need. Guarded by the journal's lock.
 */
final class LogSpace {
  /** Share of the log that one transaction may fill, as its divisor; others use the same. */
  private static final int TRANSACTION_SHARE = 4;

  private final long first;
  private final long end;
  private final int tagsPerDescriptor;
  private long head;
  private long free;

  /**
   * Makes an empty log.
   *
   * @param first first block of the circle, counted from the start of the journal
   * @param end first block behind it
   * @param head where to start
   */
  LogSpace(long first, long end, long head, int tagsPerDescriptor) {
    this.first = first;
    this.end = end;
    this.head = head >= first && head < end ? head : first;
    this.tagsPerDescriptor = tagsPerDescriptor;
    free = end - first;
  }

  long head() {
    return head;
  }

  long capacity() {
    return end - first;
  }

  long free() {
    return free;
  }

  /** Copies that one transaction may have. */
  int transactionBlocksMax() {
    return (int) (capacity() / TRANSACTION_SHARE);
  }

  /** Blocks in the log that so many copies take: with descriptors, a revoke and a commit block. */
  long withOverhead(long copies) {
    return copies + Math.ceilDiv(copies, tagsPerDescriptor) + 2;
  }

  /** Whether the log should be emptied in the background. */
  boolean isFilling() {
    return free < capacity() / 2;
  }

  /**
   * Takes blocks at the head, which must be free.
   *
   * @return the first one
   */
  long take(long blocks) {
    assert blocks <= free : blocks + " blocks of " + free;
    long start = head;
    head = behind(head, blocks);
    free -= blocks;
    return start;
  }

  /** Gives back blocks at the tail, once no recovery will look at them. */
  void give(long blocks) {
    free += blocks;
    assert free <= capacity();
  }

  /** The block so many behind another. */
  long behind(long block, long count) {
    long at = block + count;
    return at < end ? at : at - (end - first);
  }

  /** How many blocks from this one on come before the end of the circle. */
  long untilEnd(long block) {
    return end - block;
  }
}
