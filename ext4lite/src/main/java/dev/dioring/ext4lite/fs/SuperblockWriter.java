package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;

/**
 * Writes the primary superblock, and keeps its state. A volume that is open for writing is not
 * valid on disk, so that whoever finds it after a crash knows to check it; one with a journal stays
 * valid but says that it needs recovery.
 */
final class SuperblockWriter implements AutoCloseable {
  private static final int BLOCK_BYTES = 4096;
  private static final int SUPERBLOCK_IN_BLOCK = (int) Superblock.VOLUME_BYTE_OFFSET;

  private final BlockIo io;
  private final Superblock superblock;
  private final Clock clock;
  private final boolean journaled;
  private final boolean wasValid;
  private final Arena arena = Arena.ofShared();

  /** The device block around the superblock: direct I/O writes no less. */
  private final MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);

  SuperblockWriter(BlockIo io, Superblock superblock, Clock clock) {
    this.io = io;
    this.superblock = superblock;
    this.clock = clock;
    journaled = superblock.has(Feature.HAS_JOURNAL);
    wasValid = (superblock.state() & Superblock.STATE_VALID) != 0;
  }

  /** Marks the volume as in use, durably, before anything else is written. */
  void opened() throws IOException {
    if (journaled) {
      superblock.feature(Feature.RECOVER, true);
    } else {
      superblock.state(superblock.state() & ~Superblock.STATE_VALID);
    }
    superblock.mountCount(superblock.mountCount() + 1);
    superblock.mountTimeSeconds(clock.instant().getEpochSecond());
    write();
  }

  /**
   * Stores the counters and, if the volume was valid before, says so again. With a journal,
   * everything in it must be in place by now.
   */
  void closed(long freeBlocks, long freeInodes) throws IOException {
    superblock.freeBlocksCount(freeBlocks);
    superblock.freeInodesCount(freeInodes);
    superblock.feature(Feature.RECOVER, false);
    if (wasValid) {
      superblock.state(superblock.state() | Superblock.STATE_VALID);
    }
    write();
  }

  @Override
  public void close() {
    arena.close();
  }

  private void write() throws IOException {
    superblock.writeTimeSeconds(clock.instant().getEpochSecond());
    superblock.updateChecksum();
    io.readFully(0, block);
    MemorySegment.copy(
        superblock.memory(), superblock.base(), block, SUPERBLOCK_IN_BLOCK, Superblock.SIZE_BYTES);
    io.write(0, block);
    io.flush();
  }
}
