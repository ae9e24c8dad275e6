package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.buffer.SuperblockBlock;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
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
      SuperblockBlock onDisk = new SuperblockBlock(io, arena);
      Superblock superblock = onDisk.superblock();
      mayContinue = superblock.errorsBehaviour() != Superblock.ERRORS_PANIC;
      superblock.state(superblock.state() | Superblock.STATE_ERROR);
      superblock.addError(clock.instant().getEpochSecond(), Superblock.ERROR_IO, "journal_commit");
      onDisk.write();
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
