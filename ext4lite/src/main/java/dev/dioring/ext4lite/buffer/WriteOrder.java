package dev.dioring.ext4lite.buffer;

/**
 * When a dirty block is written relative to others where no journal makes them atomic. Each kind is
 * durable before the next is started, so that a crash leaves at worst blocks that are marked in use
 * and belong to nobody.
 */
public enum WriteOrder {
  /** Bitmaps and group descriptors: allocation is durable before anything refers to it. */
  ALLOCATION,
  /** Blocks that nothing on disk refers to yet. */
  UNREFERENCED,
  /** Everything else: changed in place, one block atomic in itself. */
  IN_PLACE,
  /**
   * Blocks changed in place that map content: behind the inodes whose sizes cover that. What e2fsck
   * finds mapped behind the end of a file it takes away, and all of its extent with it.
   */
  MAPPING
}
