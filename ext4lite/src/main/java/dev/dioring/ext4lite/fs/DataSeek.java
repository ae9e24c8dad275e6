package dev.dioring.ext4lite.fs;

import java.io.IOException;

/**
 * Finds where data and holes of a file start, as SEEK_DATA and SEEK_HOLE do. Blocks that were
 * preallocated and not written count as holes.
 */
final class DataSeek {
  /** There is no data from there on. */
  static final long NONE = -1;

  private final FileMap map;
  private final int blockShift;
  private final long sizeBytes;

  DataSeek(FileMap map, int blockShift, long sizeBytes) {
    this.map = map;
    this.blockShift = blockShift;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Finds the first byte at or behind one.
   *
   * @param from below the size of the file
   * @param data whether data is looked for, or else a hole, of which there is one behind the end
   * @return where it is, or {@link #NONE}
   */
  long find(long from, boolean data) throws IOException {
    ExtentRun run = new ExtentRun();
    long at = from;
    while (at < sizeBytes) {
      map.lookUp(at >>> blockShift, run);
      if ((run.state == ExtentRun.State.WRITTEN) == data) {
        return at;
      }
      long end = run.endFileBlockNr();
      // A hole behind the last extent goes on as far as numbers do.
      at = end > sizeBytes >>> blockShift ? sizeBytes : end << blockShift;
    }
    return data ? NONE : sizeBytes;
  }
}
