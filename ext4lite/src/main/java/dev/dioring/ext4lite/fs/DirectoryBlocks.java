package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DirectoryBlockCheck;
import dev.dioring.ext4lite.format.DirectoryPlace;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;

/** The blocks of one directory, checked. */
final class DirectoryBlocks {
  private static final int READ_AHEAD_BLOCKS = 256;

  private final VolumeReader volume;
  private final BlockGroups groups;
  private final FileMap map;
  private final long inodeNr;
  private final long count;
  private final int inodeSeed;
  private final boolean indexed;
  private final boolean plainNames;
  private final ExtentRun run = new ExtentRun();
  private long readAheadEnd;

  DirectoryBlocks(VolumeReader volume, Ext4Inode directory) throws CorruptStructureException {
    this.volume = volume;
    groups = volume.context().groups();
    map = directory.map();
    inodeNr = directory.inodeNr();
    inodeSeed = volume.context().checksums().inodeSeed(inodeNr, directory.generation());
    indexed = directory.raw().has(Inode.FLAG_INDEX) && volume.has(Feature.DIR_INDEX);
    plainNames = !directory.isEncrypted();
    long size = directory.sizeBytes();
    if (size <= 0 || size % groups.blockSizeBytes() != 0) {
      throw new CorruptStructureException(
          "directory " + inodeNr,
          "i_size",
          "a multiple of " + groups.blockSizeBytes(),
          Long.toString(size));
    }
    count = size >>> groups.blockSizeShift();
    if (count > groups.blocksCount()) {
      // It has no holes; more could only be the same blocks over and over.
      throw new CorruptStructureException(
          "directory " + inodeNr,
          "i_size",
          "no more than the volume's " + groups.blocksCount() + " blocks",
          Long.toString(size));
    }
  }

  /** Blocks of the directory, holes not allowed. */
  long count() {
    return count;
  }

  boolean isIndexed() {
    return indexed;
  }

  /** A block, pinned, its entries and checksum verified. */
  MetadataBuffer get(long fileBlockNr) throws IOException {
    if (fileBlockNr >= count) {
      throw new CorruptStructureException(
          "directory " + inodeNr, "block in its index", "< " + count, Long.toString(fileBlockNr));
    }
    long blockNr = blockNr(fileBlockNr);
    return volume
        .context()
        .cache()
        .get(
            blockNr,
            BlockRole.directory(inodeNr, fileBlockNr == 0),
            buffer -> verify(buffer, fileBlockNr));
  }

  /** The same for whoever goes through all blocks: others are read along with it. */
  MetadataBuffer getNext(long fileBlockNr) throws IOException {
    if (fileBlockNr >= readAheadEnd && count > 1) {
      readAheadEnd = Math.min(count, fileBlockNr + READ_AHEAD_BLOCKS);
      prefetch(fileBlockNr, readAheadEnd);
    }
    return get(fileBlockNr);
  }

  private void prefetch(long from, long end) throws IOException {
    long at = from;
    while (at < end) {
      long blockNr = blockNr(at);
      long together = Math.min(end, run.endFileBlockNr()) - at;
      volume.context().cache().prefetch(blockNr, (int) together);
      at += together;
    }
  }

  private long blockNr(long fileBlockNr) throws IOException {
    boolean known =
        run.lengthBlocks > 0
            && fileBlockNr >= run.fileBlockNr
            && fileBlockNr < run.endFileBlockNr();
    if (!known) {
      map.lookUp(fileBlockNr, run);
    }
    if (run.state != ExtentRun.State.WRITTEN) {
      run.lengthBlocks = 0;
      throw new CorruptStructureException(
          "directory " + inodeNr, "its block " + fileBlockNr, "written", run.state.toString());
    }
    return run.startBlockNr + (fileBlockNr - run.fileBlockNr);
  }

  private void verify(MetadataBuffer buffer, long fileBlockNr) throws CorruptStructureException {
    DirectoryBlockCheck.checkBlock(
        buffer.data(),
        groups,
        volume.context().checksums(),
        inodeSeed,
        indexed,
        plainNames,
        volume.has(Feature.LARGEDIR),
        new DirectoryPlace(inodeNr, fileBlockNr, buffer.blockNr()));
  }
}
