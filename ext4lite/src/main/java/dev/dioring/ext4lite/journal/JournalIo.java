package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import java.lang.foreign.MemorySegment;

/** Reads and writes blocks of a journal by their numbers in it. Thread-safe; parks. */
final class JournalIo {
  private final BlockIo io;
  private final JournalMap map;
  private final long superblockNr;
  private final int blockSizeBytes;
  private final int transferBlocksMax;

  JournalIo(JournalPlace place, int blockSizeBytes) {
    io = place.io();
    map = place.map();
    superblockNr = place.superblockNr();
    this.blockSizeBytes = blockSizeBytes;
    transferBlocksMax = Math.max(1, io.device().geometry().maxTransferBytes() / blockSizeBytes);
  }

  JournalMap map() {
    return map;
  }

  /** The journal's device. */
  BlockIo device() {
    return io;
  }

  void readSuperblock(MemorySegment target) throws BlockIoException {
    read(superblockNr, 1, target);
  }

  void writeSuperblock(MemorySegment block) throws BlockIoException {
    writeDurably(superblockNr, block);
  }

  /** Blocks that one request may transfer. */
  int transferBlocksMax() {
    return transferBlocksMax;
  }

  int blockSizeBytes() {
    return blockSizeBytes;
  }

  /** Reads blocks that follow each other in the journal, not around its end. */
  void read(long journalBlock, int count, MemorySegment target) throws BlockIoException {
    int done = 0;
    while (done < count) {
      long from = journalBlock + done;
      int run = map.runBlocks(from, Math.min(count - done, transferBlocksMax));
      MemorySegment part =
          target.asSlice((long) done * blockSizeBytes, (long) run * blockSizeBytes);
      io.readFully(map.blockNr(from) * blockSizeBytes, part);
      done += run;
    }
  }

  /** Writes one block, durably. */
  void writeDurably(long journalBlock, MemorySegment block) throws BlockIoException {
    io.write(map.blockNr(journalBlock) * blockSizeBytes, block);
    io.flush();
  }
}
