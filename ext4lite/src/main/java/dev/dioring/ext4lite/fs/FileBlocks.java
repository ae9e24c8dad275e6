package dev.dioring.ext4lite.fs;

/**
 * A range of blocks of a file.
 *
 * @param from its first block
 * @param end the first one behind it
 */
record FileBlocks(long from, long end) {
  boolean contains(long fileBlockNr) {
    return fileBlockNr >= from && fileBlockNr < end;
  }

  /** Where blocks that start at one outside of this have to stop, at a limit or here. */
  long limit(long fileBlockNr, long limit) {
    return fileBlockNr < from ? Math.min(from, limit) : limit;
  }
}
