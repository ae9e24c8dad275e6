package dev.dioring.ext4lite.buffer;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.Superblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The primary superblock as it is on disk, to be changed in place, past the cache and any journal.
 */
public final class SuperblockBlock {
  /** The device block around it: direct I/O writes no less. */
  private static final int BLOCK_BYTES = 4096;

  private final BlockIo io;
  private final MemorySegment block;
  private final Superblock superblock;

  /** Reads it into memory of the arena. Parks. */
  public SuperblockBlock(BlockIo io, Arena arena) throws BlockIoException {
    this.io = io;
    block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
    io.readFully(0, block);
    superblock = new Superblock(block, Superblock.VOLUME_BYTE_OFFSET);
  }

  /** What {@link #write} stores. */
  public Superblock superblock() {
    return superblock;
  }

  /** Stores it with its checksum, without a flush. Parks. */
  public void write() throws BlockIoException {
    superblock.updateChecksum();
    io.write(0, block);
  }
}
