package dev.dioring.ext4lite.fs;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Blocks set aside for writes into a file whose map knows no unwritten blocks. They are neither in
 * the map nor in the bitmaps until the data is written. Guarded by the lock of the inode's fields.
 */
final class BlockClaims {
  /** A run of blocks for a run of the file. */
  record Claim(long fileBlockNr, long blockNr, int lengthBlocks) {
    long endFileBlockNr() {
      return fileBlockNr + lengthBlocks;
    }
  }

  private final TreeMap<Long, Claim> claims = new TreeMap<>();

  /** Whether there are any; written under the lock, read anywhere. */
  private volatile boolean any;

  boolean any() {
    return any;
  }

  /** The claim that a file block lies in, or null. */
  @Nullable Claim find(long fileBlockNr) {
    Map.Entry<Long, Claim> before = claims.floorEntry(fileBlockNr);
    return before != null && fileBlockNr < before.getValue().endFileBlockNr()
        ? before.getValue()
        : null;
  }

  /** Where the first claim at or behind a file block starts, or the largest number. */
  long nextStart(long fileBlockNr) {
    Long next = claims.ceilingKey(fileBlockNr);
    return next == null ? Long.MAX_VALUE : next;
  }

  void add(long fileBlockNr, long blockNr, int lengthBlocks) {
    claims.put(fileBlockNr, new Claim(fileBlockNr, blockNr, lengthBlocks));
    any = true;
  }

  /** Takes a range, which lies within one claim, out of it. */
  void cut(long fileBlockNr, long endFileBlockNr) {
    Claim claim = find(fileBlockNr);
    if (claim == null || endFileBlockNr > claim.endFileBlockNr()) {
      throw new IllegalArgumentException(fileBlockNr + ".." + endFileBlockNr + " of " + claim);
    }
    claims.remove(claim.fileBlockNr());
    addPart(claim, claim.fileBlockNr(), fileBlockNr);
    addPart(claim, endFileBlockNr, claim.endFileBlockNr());
    any = !claims.isEmpty();
  }

  /** Takes the first claim away, or returns null. */
  @Nullable Claim poll() {
    Map.Entry<Long, Claim> first = claims.pollFirstEntry();
    any = !claims.isEmpty();
    return first == null ? null : first.getValue();
  }

  private void addPart(Claim claim, long from, long end) {
    if (from < end) {
      add(from, claim.blockNr() + (from - claim.fileBlockNr()), (int) (end - from));
    }
  }
}
