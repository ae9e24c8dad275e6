package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.JournalSuperblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The journal's superblock while a volume is in use: where recovery would start. */
final class LogHeader implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;

  private final JournalIo io;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment block;
  private final JournalSuperblock superblock;

  /** Reads it; recovery has checked it and left the log empty. */
  LogHeader(JournalIo io) throws BlockIoException {
    this.io = io;
    int bytes = io.blockSizeBytes();
    block = arena.allocate(bytes, Math.max(PAGE_BYTES, bytes));
    superblock = new JournalSuperblock(block, 0);
    boolean read = false;
    try {
      io.readSuperblock(block);
      read = true;
    } finally {
      if (!read) {
        arena.close();
      }
    }
  }

  JournalSuperblock superblock() {
    return superblock;
  }

  boolean isEmpty() {
    return superblock.startBlock() == 0;
  }

  /** Recovery starts with this transaction from now on. */
  void tail(long logBlock, int sequence) throws BlockIoException {
    superblock.startBlock(logBlock);
    superblock.sequence(sequence);
    write();
  }

  /** There is nothing to recover; the next transaction will have this number. */
  void empty(long head, int sequence) throws BlockIoException {
    superblock.headBlock(head);
    tail(0, sequence);
  }

  /** Records why the journal was aborted. */
  void error(int errno) throws BlockIoException {
    superblock.errno(-errno);
    write();
  }

  @Override
  public void close() {
    arena.close();
  }

  private void write() throws BlockIoException {
    superblock.updateChecksum();
    io.writeSuperblock(block);
  }
}
