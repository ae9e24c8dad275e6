package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;

/** A way to take blocks from the end of an inode, a bounded number of changes at a time. */
interface TruncateStep {
  /**
   * Takes some blocks away.
   *
   * @param keepFileBlocks file blocks below this number stay
   * @return false if there was nothing to take; else there may be more
   */
  boolean cut(Handle handle, long keepFileBlocks) throws IOException;
}
