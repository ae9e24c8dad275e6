package dev.dioring.ext4lite.fs;

import java.io.IOException;

/** Where the blocks of a file lie. */
interface FileMap {
  /**
   * Finds how a file block is stored, without waiting.
   *
   * @param run receives the run around the block
   * @return 0, or {@code -EAGAIN} if that would have to wait
   */
  int tryLookUp(long fileBlockNr, ExtentRun run);

  /**
   * Finds how a file block is stored, reading and waiting as needed.
   *
   * @param run receives the run around the block
   */
  void lookUp(long fileBlockNr, ExtentRun run) throws IOException;
}
