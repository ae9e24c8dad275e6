package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Takes blocks from the end of an inode's block map. The caller holds the inode's lock and a
 * journal handle, and stores the inode's size. A step ends after so many runs of blocks.
 */
final class IndirectTruncate implements TruncateStep {
  private static final int RUNS_MAX = 8;

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final BlockRelease release;
  private final int perBlock;

  private long keepFileBlocks;

  /** The run being gathered, from its end to its start. */
  private long runStart;

  private int runLength;
  private int restRuns;

  IndirectTruncate(VolumeContext volume, InodeBlock owner, BlockRelease release) {
    this.volume = volume;
    this.owner = owner;
    this.release = release;
    perBlock = BlockMap.numbersPerBlock(volume.groups().blockSizeBytes());
  }

  @Override
  public boolean cut(Handle handle, long keepFileBlocks) throws IOException {
    this.keepFileBlocks = keepFileBlocks;
    restRuns = RUNS_MAX;
    runLength = 0;
    handle.access(owner.buffer());
    cutRoot(handle);
    endRun(handle);
    owner.changed(handle);
    return restRuns < RUNS_MAX;
  }

  private void cutRoot(Handle handle) throws IOException {
    Inode inode = owner.inode();
    long root = inode.byteOffset() + Inode.BLOCK_OFFSET;
    long first = BlockMap.DIRECT;
    long covered = perBlock;
    long[] firsts = new long[BlockMap.LEVELS_MAX];
    for (int i = 0; i < BlockMap.LEVELS_MAX; i++) {
      firsts[i] = first;
      first += covered;
      covered *= perBlock;
    }
    for (int level = BlockMap.LEVELS_MAX; level >= 1; level--) {
      int slot = BlockMap.DIRECT + level - 1;
      if (!cutSubtree(handle, inode.memory(), root, slot, level, firsts[level - 1])) {
        return;
      }
    }
    boolean unused =
        cutNumbers(
            handle,
            inode.memory(),
            root,
            BlockMap.DIRECT,
            (int) Math.min(keepFileBlocks, BlockMap.DIRECT));
  }

  /**
   * Cuts what one number leads to, and the number if nothing is left of it.
   *
   * @param first file block that the subtree starts with
   * @return false if the step ended before
   */
  private boolean cutSubtree(
      Handle handle, MemorySegment map, long base, int index, int level, long first)
      throws IOException {
    long blockNr = BlockMap.blockNr(map, base, index);
    if (blockNr == 0) {
      return true;
    }
    long covered = 1;
    for (int i = 0; i < level; i++) {
      covered *= perBlock;
    }
    if (first + covered <= keepFileBlocks) {
      return true;
    }
    try (MetadataBuffer buffer = block(blockNr)) {
      handle.access(buffer);
      boolean complete = cutBlock(handle, buffer.data(), level, first, covered / perBlock);
      buffer.changedMapping();
      handle.dirty(buffer);
      if (!complete) {
        return false;
      }
    }
    if (first >= keepFileBlocks) {
      if (!spend(handle)) {
        return false;
      }
      BlockMap.blockNr(map, base, index, 0);
      release.metadata(handle, blockNr);
    }
    return true;
  }

  private boolean cutBlock(
      Handle handle, MemorySegment numbers, int level, long first, long coveredByEach)
      throws IOException {
    long kept = Math.max(0, keepFileBlocks - first);
    if (level == 1) {
      return cutNumbers(handle, numbers, 0, perBlock, (int) Math.min(kept, perBlock));
    }
    int keptEntries = (int) Math.min(kept / coveredByEach, perBlock);
    for (int i = perBlock - 1; i >= keptEntries; i--) {
      if (!cutSubtree(handle, numbers, 0, i, level - 1, first + i * coveredByEach)) {
        return false;
      }
    }
    return true;
  }

  private boolean cutNumbers(Handle handle, MemorySegment map, long base, int end, int kept)
      throws IOException {
    for (int i = end - 1; i >= kept; i--) {
      long blockNr = BlockMap.blockNr(map, base, i);
      if (blockNr == 0) {
        continue;
      }
      if (runLength > 0 && blockNr == runStart - 1) {
        runStart--;
        runLength++;
      } else {
        if (!spend(handle)) {
          return false;
        }
        runStart = blockNr;
        runLength = 1;
      }
      BlockMap.blockNr(map, base, i, 0);
    }
    return true;
  }

  /** Releases the run gathered so far. @return false if the step must end */
  private boolean spend(Handle handle) throws IOException {
    endRun(handle);
    if (restRuns == 0) {
      return false;
    }
    restRuns--;
    return true;
  }

  private void endRun(Handle handle) throws IOException {
    if (runLength > 0) {
      release.data(handle, runStart, runLength);
      runLength = 0;
    }
  }

  private MetadataBuffer block(long blockNr) throws IOException {
    return IndirectMap.node(volume, owner.inodeNr(), blockNr);
  }
}
