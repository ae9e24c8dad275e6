package dev.dioring.ext4lite.journal;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The whole fast commits behind the last transaction of a log.
 *
 * @param blocks what holds them, in their order
 * @param tags how many tags to take from these; the rest belongs to none that is whole
 */
public record FastCommits(List<MemorySegment> blocks, int tags) {
  static final FastCommits NONE = new FastCommits(List.of(), 0);

  boolean isEmpty() {
    return tags == 0;
  }
}
