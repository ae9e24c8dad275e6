package dev.dioring.engine.dio;

/**
 * Ranges of one file whose data was written and whose completion is deferred: sorted by offset,
 * disjoint, adjacent ones merged. Reused by the worker that fills it.
 */
public final class ConversionBatch {
  private final long[] byteOffsets;
  private final long[] lengthsBytes;
  private final int[] errnos;
  private int count;

  ConversionBatch(int capacity) {
    byteOffsets = new long[capacity];
    lengthsBytes = new long[capacity];
    errnos = new int[capacity];
  }

  /** Number of ranges. */
  public int count() {
    return count;
  }

  public long byteOffset(int range) {
    return byteOffsets[range];
  }

  public long lengthBytes(int range) {
    return lengthsBytes[range];
  }

  /** Marks a range as not converted; its requests fail with {@code -errno}. */
  public void fail(int range, int errno) {
    errnos[range] = errno;
  }

  /** The errno the range was failed with, or 0. */
  int errno(int range) {
    return errnos[range];
  }

  void clear() {
    count = 0;
  }

  /** Appends a range at or behind the last one's offset, merging it where they touch. */
  void add(long byteOffset, long lengthBytes) {
    int last = count - 1;
    if (last >= 0 && byteOffset <= byteOffsets[last] + lengthsBytes[last]) {
      long end = Math.max(byteOffsets[last] + lengthsBytes[last], byteOffset + lengthBytes);
      lengthsBytes[last] = end - byteOffsets[last];
      return;
    }
    byteOffsets[count] = byteOffset;
    lengthsBytes[count] = lengthBytes;
    errnos[count] = 0;
    count++;
  }
}
