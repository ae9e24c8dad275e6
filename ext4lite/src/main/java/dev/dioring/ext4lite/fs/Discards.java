package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.BlockGroups;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the device of blocks that are free for good: their change is durable. */
final class Discards {
  private static final Logger LOG = LoggerFactory.getLogger(Discards.class);

  private final BlockIo io;
  private final int blockSizeBytes;

  /** Until the device refuses it. */
  private volatile boolean on;

  Discards(BlockIo io, BlockGroups groups, boolean wanted) {
    this.io = io;
    blockSizeBytes = groups.blockSizeBytes();
    on = wanted && io.device().geometry().discard();
  }

  boolean areOn() {
    return on;
  }

  /** Discards blocks that nobody gets before this returns. Parks. */
  void discard(long blockNr, int lengthBlocks) {
    if (!on) {
      return;
    }
    try {
      io.discard(blockNr * blockSizeBytes, (long) lengthBlocks * blockSizeBytes);
    } catch (BlockIoException e) {
      on = false;
      if (e.errno() != Errno.EOPNOTSUPP) {
        LOG.warn("no more discards: {}", e.getMessage());
      }
    }
  }
}
