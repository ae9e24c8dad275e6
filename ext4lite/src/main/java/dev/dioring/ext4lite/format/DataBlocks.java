package dev.dioring.ext4lite.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which blocks an inode may refer to: those of the volume but for metadata with a place of its own
 * (copies of the superblock, group descriptors, bitmaps, inode tables, the journal). On a corrupt
 * image an extent may name these too, and a direct write through it would destroy the volume.
 *
 * <p>Filled and {@linkplain #complete completed} by the thread that opens the volume; immutable
 * from there on.
 */
public final class DataBlocks {
  /** Stands for no inode: blocks of nobody, or to be given to anybody. */
  public static final long NO_INODE = 0;

  private record Reserved(String what, long first, long end, long ownerInodeNr) {}

  private final BlockGroups groups;
  private final List<Reserved> gathered = new ArrayList<>();

  /** Disjoint runs in the order of their blocks, neighbours joined. */
  private long[] firsts = {};

  private long[] ends = {};
  private long[] owners = {};

  public DataBlocks(BlockGroups groups) {
    this.groups = groups;
  }

  public BlockGroups groups() {
    return groups;
  }

  /** Reserves what a group descriptor names, which was checked to lie on the volume. */
  public void reserve(GroupDescriptor descriptor, long groupNr) {
    String of = " of group " + groupNr;
    reserve("block bitmap" + of, descriptor.blockBitmapBlockNr(), 1, NO_INODE);
    reserve("inode bitmap" + of, descriptor.inodeBitmapBlockNr(), 1, NO_INODE);
    long tableBlocks = groups.inodeTableBlocksCount();
    reserve("inode table" + of, descriptor.inodeTableBlockNr(), tableBlocks, NO_INODE);
    long base = groups.baseMetadataBlocks(groupNr);
    if (base > 0) {
      reserve("group descriptors" + of, groups.firstBlockNr(groupNr), base, NO_INODE);
    }
  }

  /** Reserves blocks for one inode, as for the journal's. */
  public void reserveFor(long ownerInodeNr, long blockNr, long lengthBlocks) {
    reserve("blocks of inode " + ownerInodeNr, blockNr, lengthBlocks, ownerInodeNr);
  }

  /**
   * Takes what was reserved into account.
   *
   * @throws CorruptStructureException if two structures claim the same block
   */
  public void complete() throws CorruptStructureException {
    gathered.sort(Comparator.comparingLong(Reserved::first));
    int count = 0;
    firsts = new long[gathered.size()];
    ends = new long[gathered.size()];
    owners = new long[gathered.size()];
    Reserved before = null;
    for (Reserved run : gathered) {
      if (before != null && run.first < before.end) {
        throw new CorruptStructureException(
            run.what, "it shares no block with the " + before.what, "none", "block " + run.first);
      }
      if (before != null && run.first == before.end && run.ownerInodeNr == before.ownerInodeNr) {
        ends[count - 1] = run.end;
      } else {
        firsts[count] = run.first;
        ends[count] = run.end;
        owners[count++] = run.ownerInodeNr;
      }
      before = run;
    }
    gathered.clear();
    firsts = Arrays.copyOf(firsts, count);
    ends = Arrays.copyOf(ends, count);
    owners = Arrays.copyOf(owners, count);
  }

  /** Whether an inode may own a run of blocks. */
  public boolean contains(long blockNr, long lengthBlocks, long inodeNr) {
    if (!groups.contains(blockNr, lengthBlocks)) {
      return false;
    }
    // Whatever ends behind the run's start and starts before its end overlaps it.
    for (int i = firstEndingBehind(blockNr);
        i < firsts.length && firsts[i] < blockNr + lengthBlocks;
        i++) {
      if (owners[i] == NO_INODE || owners[i] != inodeNr) {
        return false;
      }
    }
    return true;
  }

  /** What a message says that a run of blocks must satisfy. */
  public String rule() {
    return groups.containedRange() + ", not on the volume's own metadata";
  }

  private void reserve(String what, long blockNr, long lengthBlocks, long ownerInodeNr) {
    gathered.add(new Reserved(what, blockNr, blockNr + lengthBlocks, ownerInodeNr));
  }

  private int firstEndingBehind(long blockNr) {
    int low = 0;
    int high = ends.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > blockNr) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
