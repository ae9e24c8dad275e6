package dev.dioring.ext4lite.fs;

/**
 * Clusters that lie behind a growing file and are kept free for it, in memory only, so that files
 * that grow side by side do not interleave. The allocator's lock guards it.
 */
final class AllocationWindow {
  private long group;
  private int start;
  private int length;
  private long promised;

  /** Written without the lock. */
  private volatile boolean mayUseReserved;

  long group() {
    return group;
  }

  /** First cluster, counted within the group. */
  int start() {
    return start;
  }

  /** Clusters, 0 if it is not open. */
  int length() {
    return length;
  }

  boolean startsAt(long groupNr, int cluster) {
    return length > 0 && group == groupNr && start == cluster;
  }

  void open(long groupNr, int cluster, int count) {
    group = groupNr;
    start = cluster;
    length = count;
  }

  /** Gives clusters from its start away. */
  void take(int count) {
    start += count;
    length -= count;
  }

  void shut() {
    length = 0;
  }

  /** Whether who wrote last may have blocks that are reserved. */
  boolean mayUseReserved() {
    return mayUseReserved;
  }

  void mayUseReserved(boolean may) {
    mayUseReserved = may;
  }

  /** Blocks promised to what the file writes now. */
  long promisedBlocks() {
    return promised;
  }

  void promise(long blocks) {
    promised = blocks;
  }

  /** Uses so much of the promise. @return how much of it there was */
  long takePromised(int blocks) {
    long taken = Math.min(promised, blocks);
    promised -= taken;
    return taken;
  }
}
