package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.OrphanBlock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The file that numbers of orphans are kept in, where a volume has one. Its blocks are found when
 * it is opened, and read when they are used. The lock of the list of orphans guards it.
 */
final class OrphanFile {
  static final int FULL = -1;

  private final VolumeContext volume;
  private final OrphanBlock format;
  private final ChecksumUpdate checksum;
  private final long[] blockNrs;

  /** Slots with a number in them. A clean file has none. */
  private final BitSet used = new BitSet();

  private OrphanFile(VolumeContext volume, OrphanBlock format, long[] blockNrs) {
    this.volume = volume;
    this.format = format;
    this.blockNrs = blockNrs;
    checksum =
        volume.checksums().enabled()
            ? (b, nr) -> format.updateChecksum(b, nr)
            : ChecksumUpdate.NONE;
  }

  /**
   * Finds the blocks of the file.
   *
   * @return null if the volume has none
   * @throws CorruptStructureException if it has holes
   */
  static @Nullable OrphanFile find(VolumeContext volume, InodeTable table) throws IOException {
    if (!volume.superblock().has(Feature.ORPHAN_FILE)) {
      return null;
    }
    long fileNr = volume.superblock().orphanFileInodeNr();
    InodeBlock file = table.checked(fileNr);
    try {
      Inode inode = file.inode();
      int seed = volume.checksums().inodeSeed(fileNr, inode.generation());
      OrphanBlock format =
          new OrphanBlock(volume.checksums(), volume.groups().blockSizeBytes(), seed);
      return new OrphanFile(volume, format, blocks(volume, inode, fileNr));
    } finally {
      file.buffer().close();
    }
  }

  private static long[] blocks(VolumeContext volume, Inode inode, long fileNr) throws IOException {
    long count = inode.size() / volume.groups().blockSizeBytes();
    if (count > volume.groups().blocksCount()) {
      throw corrupt(fileNr, "at most as large as the volume", inode.size() + " bytes");
    }
    FileMap map =
        inode.has(Inode.FLAG_EXTENTS)
            ? new ExtentTree(volume, inode, fileNr)
            : new IndirectMap(volume, inode, fileNr);
    long[] blockNrs = new long[(int) count];
    ExtentRun run = new ExtentRun();
    for (int i = 0; i < count; i++) {
      map.lookUp(i, run);
      if (run.state != ExtentRun.State.WRITTEN) {
        throw corrupt(fileNr, "all blocks written", "a hole at " + i);
      }
      blockNrs[i] = run.startBlockNr + (i - run.fileBlockNr);
    }
    return blockNrs;
  }

  /** Slots of all blocks together. */
  int slots() {
    return blockNrs.length * format.count();
  }

  /** The number in a slot, 0 if it is free. */
  long inodeNr(int slot) throws IOException {
    try (MetadataBuffer block = block(slot)) {
      return format.inodeNr(block.data(), slot % format.count());
    }
  }

  /**
   * Puts a number into a free slot.
   *
   * @return the slot, or {@link #FULL}
   */
  int add(Handle handle, long inodeNr) throws IOException {
    int slot = used.nextClearBit(0);
    if (slot >= slots()) {
      return FULL;
    }
    store(handle, slot, inodeNr);
    used.set(slot);
    return slot;
  }

  /** Empties a slot. */
  void remove(Handle handle, int slot) throws IOException {
    store(handle, slot, 0);
    used.clear(slot);
  }

  private void store(Handle handle, int slot, long inodeNr) throws IOException {
    try (MetadataBuffer block = block(slot)) {
      block.checksum(checksum);
      handle.access(block);
      format.inodeNr(block.data(), slot % format.count(), inodeNr);
      handle.dirty(block);
    }
  }

  private MetadataBuffer block(int slot) throws IOException {
    long blockNr = blockNrs[slot / format.count()];
    return volume
        .cache()
        .get(blockNr, BlockRole.orphans(), b -> format.check(b.data(), b.blockNr()));
  }

  private static CorruptStructureException corrupt(long fileNr, String expected, String found) {
    return new CorruptStructureException(
        "inode " + fileNr, "blocks of the orphan file", expected, found);
  }
}
