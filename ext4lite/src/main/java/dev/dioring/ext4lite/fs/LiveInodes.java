package dev.dioring.ext4lite.fs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Inodes in memory by their number: chains of the inodes themselves. Not thread-safe. */
final class LiveInodes {
  private static final int BUCKETS_MIN = 64;

  /** So many times fewer inodes than buckets are reason to have fewer of those. */
  private static final int SPARSE = 8;

  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private @Nullable LiveInode[] buckets = new @Nullable LiveInode[BUCKETS_MIN];
  private int shift = Long.numberOfLeadingZeros(BUCKETS_MIN) + 1;
  private int count;

  int count() {
    return count;
  }

  @Nullable LiveInode find(long inodeNr) {
    LiveInode at = buckets[bucket(inodeNr)];
    while (at != null && at.inodeNr() != inodeNr) {
      at = at.nextInBucket;
    }
    return at;
  }

  /** Adds an inode whose number is not there. */
  void add(LiveInode live) {
    if (count == buckets.length) {
      resize(2 * buckets.length);
    }
    link(live);
    count++;
  }

  /** Removes this very inode. @return whether it was there */
  boolean remove(LiveInode live) {
    int bucket = bucket(live.inodeNr());
    LiveInode before = null;
    LiveInode at = buckets[bucket];
    while (at != null && at != live) {
      before = at;
      at = at.nextInBucket;
    }
    if (at == null) {
      return false;
    }
    if (before == null) {
      buckets[bucket] = live.nextInBucket;
    } else {
      before.nextInBucket = live.nextInBucket;
    }
    live.nextInBucket = null;
    count--;
    if (buckets.length > BUCKETS_MIN && count < buckets.length / SPARSE) {
      resize(buckets.length / 2);
    }
    return true;
  }

  List<LiveInode> all() {
    List<LiveInode> all = new ArrayList<>(count);
    for (LiveInode first : buckets) {
      for (LiveInode at = first; at != null; at = at.nextInBucket) {
        all.add(at);
      }
    }
    return all;
  }

  private void resize(int length) {
    List<LiveInode> all = all();
    buckets = new @Nullable LiveInode[length];
    shift = Long.numberOfLeadingZeros(length) + 1;
    all.forEach(this::link);
  }

  private void link(LiveInode live) {
    int bucket = bucket(live.inodeNr());
    live.nextInBucket = buckets[bucket];
    buckets[bucket] = live;
  }

  private int bucket(long inodeNr) {
    return (int) ((inodeNr * GOLDEN) >>> shift);
  }
}
