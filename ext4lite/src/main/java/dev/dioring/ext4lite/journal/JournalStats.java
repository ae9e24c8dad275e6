package dev.dioring.ext4lite.journal;

/**
 * Counters of a journal.
 *
 * @param commits transactions with changes that were written
 * @param handles changes that joined them
 * @param blocksCommitted copies of blocks that were committed
 * @param checkpoints times that committed blocks were written to their places
 * @param blocksCheckpointed blocks written so
 * @param logBlocks size of the log, 0 without one
 * @param logBlocksFree blocks of it that nothing needs
 */
public record JournalStats(
    long commits,
    long handles,
    long blocksCommitted,
    long checkpoints,
    long blocksCheckpointed,
    long logBlocks,
    long logBlocksFree) {
  /** Of a journal that changes nothing. */
  static final JournalStats NONE = new JournalStats(0, 0, 0, 0, 0, 0, 0);
}
