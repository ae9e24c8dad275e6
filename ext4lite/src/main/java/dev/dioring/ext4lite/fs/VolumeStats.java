package dev.dioring.ext4lite.fs;

import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.ext4lite.buffer.CacheStats;
import dev.dioring.ext4lite.journal.JournalStats;

/**
 * Counters of an open volume, a moment's view.
 *
 * @param completions of direct I/O
 * @param inodes in memory
 * @param inodesLookedUp by the front, and not forgotten
 * @param deviceRequests under way on the device
 */
public record VolumeStats(
    DeferredStats completions,
    Cache cache,
    Journal journal,
    int inodes,
    long inodesLookedUp,
    int deviceRequests) {
  /**
   * The metadata cache.
   *
   * @param hits look-ups that found the block in memory
   * @param misses look-ups that did not, those ahead of need included
   * @param evictions blocks dropped for others
   * @param bytes memory in use
   * @param limitBytes memory that it has before it drops blocks
   */
  public record Cache(long hits, long misses, long evictions, long bytes, long limitBytes) {
    static Cache of(CacheStats cache) {
      return new Cache(
          cache.hits(), cache.misses(), cache.evictions(), cache.bytes(), cache.limitBytes());
    }
  }

  /**
   * The journal, or what stands in for it.
   *
   * @param commits transactions with changes that were written
   * @param handles changes that joined them
   * @param blocksCommitted copies of blocks that were committed
   * @param checkpoints times that committed blocks were written to their places
   * @param blocksCheckpointed blocks written so
   * @param logBlocks size of the log, 0 without one
   * @param logBlocksFree blocks of it that nothing needs
   */
  public record Journal(
      long commits,
      long handles,
      long blocksCommitted,
      long checkpoints,
      long blocksCheckpointed,
      long logBlocks,
      long logBlocksFree) {
    static Journal of(JournalStats journal) {
      return new Journal(
          journal.commits(),
          journal.handles(),
          journal.blocksCommitted(),
          journal.checkpoints(),
          journal.blocksCheckpointed(),
          journal.logBlocks(),
          journal.logBlocksFree());
    }
  }
}
