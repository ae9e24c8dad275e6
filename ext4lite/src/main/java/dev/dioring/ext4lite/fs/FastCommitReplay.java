package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.ext4lite.journal.FastCommitReplayer;
import dev.dioring.ext4lite.journal.FastCommits;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.util.Map;

/**
 * Applies fast commits to a volume in memory. What they take is freed before anything is taken, and
 * everything they name is taken before anything else is allocated, so none of it can collide.
 */
final class FastCommitReplay implements FastCommitReplayer {
  private final Clock clock;

  /** Makes a replay; directories get their times from the clock, since fast commits have none. */
  FastCommitReplay(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Map<Long, MemorySegment> replay(BlockDevice device, FastCommits commits, Arena arena)
      throws IOException {
    try (Arena scratch = Arena.ofShared();
        ReplayVolume volume = ReplayVolume.open(device, clock, scratch)) {
      FastCommitModel model = new FastCommitModel(volume);
      model.take(commits);
      FastInodeReplay inodes = new FastInodeReplay(volume, model);
      inodes.free();
      volume.journal().settle();
      inodes.store();
      inodes.take();
      inodes.map();
      new FastNameReplay(volume, model, inodes).run();
      volume.journal().settle();
      return volume.journal().content(arena);
    }
  }
}
