package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;

/**
 * Where a journal lies.
 *
 * @param io its device, which is the volume's if the journal is a file in it
 * @param map where its blocks are on that device
 * @param superblockNr the block of the journal that is its superblock
 */
public record JournalPlace(BlockIo io, JournalMap map, long superblockNr) {
  /** The place of a journal that is an inode of the volume. */
  public static JournalPlace internal(BlockIo io, Superblock superblock) throws IOException {
    return new JournalPlace(io, JournalInode.map(io, superblock), 0);
  }

  /**
   * The place of a journal with a device of its own, whose blocks it counts from the device's
   * start.
   */
  public static JournalPlace external(BlockIo io, long superblockNr, long lengthBlocks) {
    return new JournalPlace(io, JournalMap.contiguous(0, lengthBlocks), superblockNr);
  }

  /** The same through another path to the same device. */
  public JournalPlace through(BlockIo other) {
    return new JournalPlace(other, map, superblockNr);
  }
}
