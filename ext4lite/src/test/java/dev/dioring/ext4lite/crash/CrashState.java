package dev.dioring.ext4lite.crash;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a disk holds after a cut, and what files may hold then.
 *
 * @param what the cut, for messages
 * @param cut the event that did not happen any more
 * @param image makes the content of the disk
 */
record CrashState(String what, int cut, boolean journaled, List<Oracle> oracles, Content image) {
  /** The content of a disk. */
  interface Content {
    long lengthBytes();

    void copyTo(MemorySegment target);
  }
}
