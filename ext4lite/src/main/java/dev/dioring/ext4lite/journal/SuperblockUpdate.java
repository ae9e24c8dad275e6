package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.buffer.SuperblockBlock;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Superblock;
import java.lang.foreign.Arena;

/** Changes the superblock of a volume whose log was replayed, which may have replaced it. */
final class SuperblockUpdate {
  private final BlockIo io;
  private final SuperblockBlock onDisk;
  private final Superblock replayed;

  /** Reads the superblock as it is now. */
  SuperblockUpdate(BlockIo io, Arena arena) throws BlockIoException {
    this.io = io;
    onDisk = new SuperblockBlock(io, arena);
    replayed = onDisk.superblock();
  }

  /**
   * Keeps what is known of errors, without a flush: errors are recorded in place, past the log.
   *
   * @param before the superblock before the replay
   * @param journalErrno why the journal was aborted, or 0
   */
  void keepErrors(Superblock before, int journalErrno) throws BlockIoException {
    int errors = before.state() & Superblock.STATE_ERROR;
    boolean more = before.errors().count() > replayed.errors().count();
    if (more) {
      replayed.errors().copyFrom(before.errors());
    }
    if (journalErrno != 0) {
      errors = Superblock.STATE_ERROR;
    }
    if (more || (errors & ~replayed.state()) != 0) {
      replayed.state(replayed.state() | errors);
      onDisk.write();
    }
  }

  /** Says, durably, that no replay is needed any more. */
  void recovered() throws BlockIoException {
    replayed.feature(Feature.RECOVER, false);
    onDisk.write();
    io.flush();
  }
}
