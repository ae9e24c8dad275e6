package dev.dioring.ext4lite.buffer;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.Superblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The primary superblock as it is on disk, to be changed in place, past the cache and any journal.
 */
public final class SuperblockBlock {
  /** The device blocks around it, of any device. */
  private static final int AROUND_BYTES = 4096;

  private final BlockIo io;
  private final MemorySegment around;
  private final Superblock superblock;

  /** Reads it into memory of the arena. Parks. */
  public SuperblockBlock(BlockIo io, Arena arena) throws BlockIoException {
    this.io = io;
    around = arena.allocate(AROUND_BYTES, AROUND_BYTES);
    io.readFully(0, around);
    superblock = new Superblock(around, Superblock.VOLUME_BYTE_OFFSET);
  }

  /** Reads it, and stores it changed, without a flush. Parks. */
  public static void change(BlockIo io, Consumer<Superblock> change) throws BlockIoException {
    try (Arena arena = Arena.ofShared()) {
      SuperblockBlock onDisk = new SuperblockBlock(io, arena);
      change.accept(onDisk.superblock);
      onDisk.write();
    }
  }

  /** What {@link #write} stores. */
  public Superblock superblock() {
    return superblock;
  }

  /** Stores it with its checksum, without a flush. Parks. */
  public void write() throws BlockIoException {
    superblock.updateChecksum();
    if (io.device().geometry().offsetAlignmentBytes() > Superblock.SIZE_BYTES) {
      io.write(0, around);
      return;
    }
    // Small blocks that lie beside it may be written by others at the same time.
    long at = Superblock.VOLUME_BYTE_OFFSET;
    io.write(at, around.asSlice(at, Superblock.SIZE_BYTES));
  }
}
