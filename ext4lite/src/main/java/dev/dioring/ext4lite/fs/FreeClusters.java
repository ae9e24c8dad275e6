package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.Bitmap;
import dev.dioring.ext4lite.format.BlockGroups;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds runs of clusters that may be allocated: free in the bitmaps, not held back until the change
 * that freed them is durable, and not in a window of another file. The allocator's lock guards it.
 */
final class FreeClusters {
  /** Windows that are open at once; the oldest is shut for another. */
  private static final int WINDOWS_MAX = 128;

  /** Groups whose bitmaps are searched for a long run, before a shorter one will do. */
  private static final int SEARCHED_MAX = 256;

  /** A run may be so many times shorter than what was asked for, before any will do. */
  private static final int SHORTER = 4;

  private final BlockGroups groups;
  private final GroupBitmaps bitmaps;

  /** No run of a group is longer than this; a bound, which searches make tighter. */
  private final int[] longest;

  /** Free clusters, by group, that were freed by changes that are not durable yet. */
  private final Map<Long, BitSet> held = new HashMap<>();

  /** Clusters in windows, by group. */
  private final Map<Long, BitSet> promised = new HashMap<>();

  private final Set<AllocationWindow> windows = new LinkedHashSet<>();

  /** What {@link #find} found. */
  private long foundGroup;

  private int foundStart;
  private int foundLength;

  FreeClusters(BlockGroups groups, GroupBitmaps bitmaps) {
    this.groups = groups;
    this.bitmaps = bitmaps;
    longest = new int[Math.toIntExact(groups.groupsCount())];
    for (int group = 0; group < longest.length; group++) {
      forgetBound(group);
    }
  }

  long foundGroup() {
    return foundGroup;
  }

  int foundStart() {
    return foundStart;
  }

  int foundLength() {
    return foundLength;
  }

  /**
   * Looks for a run: at the goal if there is enough, else the first one in the goal's group or
   * behind it that is as long as wished for, else one that is as long as needed, else a shorter
   * one, the longest of its group.
   *
   * @param needed clusters to allocate now
   * @param wished those and what may follow them
   * @param endBlockNr groups that start from here on are passed over
   * @return whether there is any
   */
  boolean find(long goalGroup, int goal, int needed, int wished, long endBlockNr)
      throws IOException {
    if (extendsAtGoal(goalGroup, goal, needed, wished)) {
      return true;
    }
    int last = 0;
    for (int least : new int[] {wished, needed, needed / SHORTER, 1}) {
      if (least > 0 && least != last && findFrom(goalGroup, goal, wished, least, endBlockNr)) {
        return true;
      }
      last = least;
    }
    return false;
  }

  private boolean extendsAtGoal(long group, int goal, int needed, int wished) throws IOException {
    if (goal == 0 || longest[(int) group] < needed) {
      return false;
    }
    foundGroup = group;
    foundStart = goal;
    int end = Math.min(groups.clustersIn(group), goal + wished);
    foundLength = with(group, bits -> lengthOf(bits, group, goal, end));
    return foundLength >= needed;
  }

  /** What is asked of a bitmap. */
  private interface Search {
    int in(MemorySegment bits);
  }

  /** A group without a bitmap gets none for being searched: the handle has no room for many. */
  private int with(long group, Search search) throws IOException {
    if (bitmaps.isUninitialised(group)) {
      return search.in(bitmaps.initial(group));
    }
    try (MetadataBuffer bitmap = bitmaps.get(group)) {
      return search.in(bitmap.data());
    }
  }

  private boolean findFrom(long goalGroup, int goal, int wished, int least, long endBlockNr)
      throws IOException {
    int searched = 0;
    for (long i = 0; i < longest.length && searched < searchedMax(least); i++) {
      long group = (goalGroup + i) % longest.length;
      boolean promising = longest[(int) group] >= least && groups.firstBlockNr(group) < endBlockNr;
      searched += promising ? 1 : 0;
      int from = i == 0 ? goal : 0;
      if (promising && with(group, bits -> findIn(bits, group, from, wished)) >= least) {
        return true;
      }
    }
    return false;
  }

  private static int searchedMax(int least) {
    return least > 1 ? SEARCHED_MAX : Integer.MAX_VALUE;
  }

  private int findIn(MemorySegment bits, long group, int from, int wished) {
    int end = groups.clustersIn(group);
    search(bits, group, from, end, wished);
    if (foundLength < wished && from > 0) {
      int start = foundStart;
      int length = foundLength;
      search(bits, group, 0, end, wished);
      if (length >= foundLength) {
        foundStart = start;
        foundLength = length;
      }
    }
    if (foundLength < wished) {
      longest[(int) group] = foundLength;
    }
    return foundLength;
  }

  /** The first run of so many clusters within a range of one group, or the longest. */
  private void search(MemorySegment bits, long group, int from, int end, int wished) {
    BitSet heldHere = held.get(group);
    BitSet promisedHere = promised.get(group);
    foundGroup = group;
    foundLength = 0;
    int at = Bitmap.nextClear(bits, from, end);
    while (at < end && foundLength < wished) {
      int start = Math.max(firstClear(heldHere, at), firstClear(promisedHere, at));
      if (start == at) {
        int length = lengthOf(bits, group, at, Math.min(end - at, wished) + at);
        if (length > foundLength) {
          foundStart = at;
          foundLength = length;
        }
        start = at + length;
      }
      at = Bitmap.nextClear(bits, Math.min(start, end), end);
    }
  }

  private static int firstClear(@Nullable BitSet set, int from) {
    return set == null ? from : set.nextClearBit(from);
  }

  private static int firstSet(@Nullable BitSet set, int from, int end) {
    int found = set == null ? -1 : set.nextSetBit(from);
    return found < 0 ? end : Math.min(found, end);
  }

  /** Finds the first run of at least so many clusters in a range, and holds all of it. */
  boolean borrow(long group, int from, int end, int least) throws IOException {
    if (longest[(int) group] < least) {
      return false;
    }
    int length =
        with(
            group,
            bits -> {
              search(bits, group, from, end, least);
              return foundLength < least ? 0 : lengthOf(bits, group, foundStart, end);
            });
    if (length > 0) {
      foundLength = length;
      hold(group, foundStart, length);
    }
    return length > 0;
  }

  private int lengthOf(MemorySegment bits, long group, int start, int end) {
    int limit = firstSet(held.get(group), start, firstSet(promised.get(group), start, end));
    return Bitmap.nextSet(bits, start, limit) - start;
  }

  /** Freed clusters are not found before they are let go. */
  void hold(long group, int start, int length) {
    held.computeIfAbsent(group, g -> new BitSet()).set(start, start + length);
  }

  void letGo(long group, int start, int length) {
    remove(held, group, start, length);
    forgetBound((int) group);
  }

  /** Clusters have become free. */
  void freed(long group) {
    forgetBound((int) group);
  }

  /** Keeps clusters that are free for a file. */
  void open(AllocationWindow window, long group, int start, int length) {
    if (windows.size() >= WINDOWS_MAX) {
      Iterator<AllocationWindow> oldest = windows.iterator();
      shut(oldest.next());
    }
    window.open(group, start, length);
    windows.add(window);
    promised.computeIfAbsent(group, g -> new BitSet()).set(start, start + length);
  }

  /** The first clusters of a window are allocated now. */
  void take(AllocationWindow window, int length) {
    remove(promised, window.group(), window.start(), length);
    window.take(length);
    if (window.length() == 0) {
      windows.remove(window);
    }
  }

  void shut(AllocationWindow window) {
    if (window.length() > 0) {
      remove(promised, window.group(), window.start(), window.length());
      forgetBound((int) window.group());
      window.shut();
      windows.remove(window);
    }
  }

  /** Shuts all windows. @return whether there were any */
  boolean shutAll() {
    boolean any = !windows.isEmpty();
    while (!windows.isEmpty()) {
      shut(windows.iterator().next());
    }
    return any;
  }

  private static void remove(Map<Long, BitSet> sets, long group, int start, int length) {
    BitSet set = sets.get(group);
    if (set != null) {
      set.clear(start, start + length);
      if (set.isEmpty()) {
        sets.remove(group);
      }
    }
  }

  private void forgetBound(int group) {
    longest[group] = (int) bitmaps.descriptor(group).freeClustersCount();
  }
}
