package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.format.SuperblockCheck;
import dev.dioring.ext4lite.journal.JournalPlace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The device that a volume's journal lies on, if it was named: an ext4 superblock that says so
 * (mke2fs -O journal_dev), and behind its block the journal's own. The volume and its journal know
 * each other by their UUIDs.
 */
final class ExternalJournal implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final int SMALLEST_BLOCK_BYTES = 1024;

  private final @Nullable BlockDevice device;
  private final @Nullable ImageLock lock;

  private ExternalJournal(@Nullable BlockDevice device, @Nullable ImageLock lock) {
    this.device = device;
    this.lock = lock;
  }

  /** Opens and locks what the options name. */
  static ExternalJournal open(VolumeOptions options) throws IOException {
    Path path = options.journal();
    if (path == null || options.noLoad()) {
      return new ExternalJournal(null, null);
    }
    ImageLock lock = ImageLock.take(path, !options.readOnly());
    BlockDevice opened = null;
    try {
      opened =
          BlockDevices.open(
              path, options.device().withReadOnly(options.readOnly()).withRegion(Region.WHOLE));
    } finally {
      if (opened == null) {
        lock.close();
      }
    }
    return new ExternalJournal(opened, lock);
  }

  /**
   * Where the journal of a volume lies.
   *
   * @return null if no device was named
   * @throws Ext4Exception EINVAL if it is not this volume's journal
   */
  @Nullable JournalPlace placeFor(Superblock volume) throws IOException {
    BlockDevice named = device;
    if (named == null) {
      return null;
    }
    if (volume.journalInodeNr() != 0 || !volume.has(Feature.HAS_JOURNAL)) {
      throw refusal(named, "the image has no journal on another device");
    }
    BlockIo io = new BlockIo(named);
    try (Arena arena = Arena.ofShared()) {
      Superblock own = superblock(io, volume, arena);
      int blockSizeBytes = SMALLEST_BLOCK_BYTES << own.logBlockSize();
      long journalAt = Superblock.VOLUME_BYTE_OFFSET / blockSizeBytes + 1L;
      int bytes = Math.max(PAGE_BYTES, blockSizeBytes);
      MemorySegment block = arena.allocate(bytes, bytes).asSlice(0, blockSizeBytes);
      io.readFully(journalAt * blockSizeBytes, block);
      JournalSuperblock journal = new JournalSuperblock(block, 0);
      if (journal.usersCount() != 1 || !journal.isUsedBy(volume.uuid())) {
        throw refusal(named, "it is not used by the filesystem " + volume.uuid() + " alone");
      }
      return JournalPlace.external(io, journalAt, own.blocksCount());
    } catch (CorruptStructureException e) {
      throw new Ext4Exception(
          "opening the journal " + named.name(), Errno.EUCLEAN, String.valueOf(e.getMessage()));
    }
  }

  private static Superblock superblock(BlockIo io, Superblock volume, Arena arena)
      throws IOException {
    BlockDevice device = io.device();
    MemorySegment start = arena.allocate(PAGE_BYTES, PAGE_BYTES);
    int count = io.read(0, start);
    Superblock own = new Superblock(start, Superblock.VOLUME_BYTE_OFFSET);
    if (count < PAGE_BYTES || own.magic() != Superblock.MAGIC || !own.has(Feature.JOURNAL_DEV)) {
      throw refusal(device, "it is no journal device (mke2fs -O journal_dev)");
    }
    SuperblockCheck.checkIdentity(own, "superblock of the journal");
    if (!own.uuid().equals(volume.journalUuid())) {
      throw refusal(device, "its UUID is " + own.uuid() + ", not " + volume.journalUuid());
    }
    if (own.logBlockSize() != volume.logBlockSize()) {
      throw refusal(device, "its blocks are not as large as those of the image");
    }
    if (device.geometry().sizeBytes() / (SMALLEST_BLOCK_BYTES << own.logBlockSize())
        < own.blocksCount()) {
      throw refusal(device, "it is smaller than its superblock says");
    }
    return own;
  }

  private static Ext4Exception refusal(BlockDevice device, String why) {
    return new Ext4Exception("opening the journal " + device.name(), Errno.EINVAL, why);
  }

  @Override
  public void close() {
    if (device != null) {
      device.close();
    }
    if (lock != null) {
      lock.close();
    }
  }
}
