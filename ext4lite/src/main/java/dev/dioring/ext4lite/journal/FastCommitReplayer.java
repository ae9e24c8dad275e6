package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** Says what fast commits change: they name inodes, ranges and names, not blocks. */
public interface FastCommitReplayer {
  /**
   * Works out which blocks of a volume will have which content. Writes nothing.
   *
   * @param device the volume as the transactions before left it; to be left open
   * @param arena for the content
   * @throws IOException if they cannot be applied to it, with a reason for users
   */
  Map<Long, MemorySegment> replay(BlockDevice device, FastCommits commits, Arena arena)
      throws IOException;
}
