package dev.dioring.ext4lite.journal;

/**
 * The circle of blocks that the log goes round: where the next transaction starts, and how many
 * blocks hold nothing that recovery may need. Guarded by the journal's lock.
 */
final class LogSpace {
  /** Share of the log that one transaction may fill, as its divisor; others use the same. */
  private static final int TRANSACTION_SHARE = 4;

  /** The end of a transaction. */
  static final int COMMIT_BLOCKS = 1;

  private final long first;
  private final long end;
  private final int transactionBlocksMax;
  private long head;
  private long free;

  /**
   * Makes an empty log.
   *
   * @param first first block of the circle, counted from the start of the journal
   * @param end first block behind it
   * @param head where to start
   * @param transactionBlocksLimit blocks of one transaction, however large the log is
   */
  LogSpace(long first, long end, long head, int transactionBlocksLimit) {
    this.first = first;
    this.end = end;
    this.head = head >= first && head < end ? head : first;
    transactionBlocksMax =
        (int) Math.min((end - first) / TRANSACTION_SHARE, transactionBlocksLimit);
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

  /** Blocks that one transaction may take. */
  int transactionBlocksMax() {
    return transactionBlocksMax;
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
