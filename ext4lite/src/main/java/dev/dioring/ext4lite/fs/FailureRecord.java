package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a failure to write metadata, after which nothing is written any more: the superblock
 * says so in place, past any journal, so that whoever finds the volume checks it. Where the volume
 * asks for a panic the process ends, as the machine would.
 */
final class FailureRecord {
  private static final Logger LOG = LoggerFactory.getLogger(FailureRecord.class);
  private static final int BLOCK_BYTES = 4096;

  private final BlockIo io;
  private final String volume;
  private final Clock clock;
  private final Runnable panic;

  /**
   * Makes a record.
   *
   * @param panic what ends the process
   */
  FailureRecord(BlockIo io, String volume, Clock clock, Runnable panic) {
    this.io = io;
    this.volume = volume;
    this.clock = clock;
    this.panic = panic;
  }

  /** Records a failure, as far as the device still takes it. Parks. */
  void failed(IOException cause) {
    boolean mayContinue = true;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      io.readFully(0, block);
      Superblock superblock = new Superblock(block, Superblock.VOLUME_BYTE_OFFSET);
      mayContinue = superblock.errorsBehaviour() != Superblock.ERRORS_PANIC;
      superblock.state(superblock.state() | Superblock.STATE_ERROR);
      superblock.addError(clock.instant().getEpochSecond(), Superblock.ERROR_IO, "journal_commit");
      superblock.updateChecksum();
      io.write(0, block);
      io.flush();
    } catch (IOException e) {
      LOG.warn("{}: its error cannot be recorded: {}", volume, e.getMessage());
    }
    if (!mayContinue) {
      LOG.error("{}: ending the process, as it asks for: {}", volume, cause.getMessage());
      panic.run();
    }
  }
}
