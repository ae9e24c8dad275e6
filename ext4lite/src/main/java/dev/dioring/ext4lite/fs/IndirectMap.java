package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The block map of an inode of ext2 or ext3, for look-ups only. */
final class IndirectMap implements FileMap {
  private final VolumeContext volume;
  private final Inode inode;
  private final long inodeNr;
  private final int perBlock;

  IndirectMap(VolumeContext volume, Inode inode, long inodeNr) {
    this.volume = volume;
    this.inode = inode;
    this.inodeNr = inodeNr;
    perBlock = BlockMap.numbersPerBlock(volume.groups().blockSizeBytes());
  }

  @Override
  public int tryLookUp(long fileBlockNr, ExtentRun run) {
    try {
      return walk(fileBlockNr, false, run) ? 0 : -Errno.EAGAIN;
    } catch (IOException e) {
      // Nothing is read here; the look-up that waits meets the failure again and reports it.
      return -Errno.EAGAIN;
    }
  }

  @Override
  public void lookUp(long fileBlockNr, ExtentRun run) throws IOException {
    boolean complete = walk(fileBlockNr, true, run);
    assert complete : "a walk that may wait ends";
  }

  private boolean walk(long fileBlockNr, boolean mayWait, ExtentRun run) throws IOException {
    if (fileBlockNr < BlockMap.DIRECT) {
      describe(inode.memory(), root(), (int) fileBlockNr, BlockMap.DIRECT, fileBlockNr, run);
      return true;
    }
    long rest = fileBlockNr - BlockMap.DIRECT;
    long covered = perBlock;
    for (int levels = 1; levels <= BlockMap.LEVELS_MAX; levels++) {
      if (rest < covered) {
        int slot = BlockMap.DIRECT + levels - 1;
        long top = BlockMap.blockNr(inode.memory(), root(), slot);
        return descend(top, rest, levels, covered, fileBlockNr, mayWait, run);
      }
      rest -= covered;
      covered *= perBlock;
    }
    run.set(ExtentRun.State.HOLE, fileBlockNr, Long.MAX_VALUE - fileBlockNr, 0);
    return true;
  }

  private boolean descend(
      long top,
      long place,
      int levels,
      long covered,
      long fileBlockNr,
      boolean mayWait,
      ExtentRun run)
      throws IOException {
    long blockNr = top;
    long within = place;
    long span = covered;
    for (int level = levels; ; level--) {
      if (blockNr == 0) {
        run.set(ExtentRun.State.HOLE, fileBlockNr - within, span, 0);
        return true;
      }
      MetadataBuffer buffer = block(blockNr, mayWait);
      if (buffer == null) {
        return false;
      }
      try (buffer) {
        span /= perBlock;
        int index = (int) (within / span);
        if (level == 1) {
          describe(buffer.data(), 0, index, perBlock, fileBlockNr, run);
          return true;
        }
        within %= span;
        blockNr = BlockMap.blockNr(buffer.data(), 0, index);
      }
    }
  }

  /** A block of an inode's map, pinned and checked. */
  static MetadataBuffer node(VolumeContext volume, long inodeNr, long blockNr) throws IOException {
    return volume
        .cache()
        .get(
            blockNr,
            BlockRole.blockMap(inodeNr),
            buffer -> BlockMap.check(buffer.data(), volume.dataBlocks(), inodeNr, blockNr));
  }

  private @Nullable MetadataBuffer block(long blockNr, boolean mayWait) throws IOException {
    if (!mayWait) {
      return volume.cache().tryGet(blockNr, BlockRole.blockMap(inodeNr));
    }
    return node(volume, inodeNr, blockNr);
  }

  /** Gathers the numbers from {@code index} on that continue one run. */
  private static void describe(
      MemorySegment map, long base, int index, int end, long fileBlockNr, ExtentRun run) {
    long first = BlockMap.blockNr(map, base, index);
    int length = 1;
    while (index + length < end
        && BlockMap.blockNr(map, base, index + length) == (first == 0 ? 0 : first + length)) {
      length++;
    }
    ExtentRun.State state = first == 0 ? ExtentRun.State.HOLE : ExtentRun.State.WRITTEN;
    run.set(state, fileBlockNr, length, first);
  }

  private long root() {
    return inode.byteOffset() + Inode.BLOCK_OFFSET;
  }
}
