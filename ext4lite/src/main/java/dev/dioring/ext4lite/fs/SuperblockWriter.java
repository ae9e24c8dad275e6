package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.buffer.SuperblockBlock;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.format.UsageRecord;
import java.io.IOException;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * Writes the primary superblock, and keeps its state. A volume that is open for writing is not
 * valid on disk, so that whoever finds it after a crash knows to check it; one with a journal stays
 * valid but says that it needs recovery.
 */
final class SuperblockWriter {
  private static final int KILOBYTE = 1024;

  private final BlockIo io;
  private final Superblock superblock;
  private final UsageRecord usage;
  private final Clock clock;
  private final String mountedOn;
  private final LongSupplier writtenBytes;
  private final long kilobytesBefore;
  private final boolean journaled;
  private final boolean wasValid;

  SuperblockWriter(
      BlockIo io, Superblock superblock, VolumeOptions options, LongSupplier writtenBytes) {
    this.writtenBytes = writtenBytes;
    usage = superblock.usage();
    kilobytesBefore = usage.kilobytesWritten();
    this.io = io;
    this.superblock = superblock;
    clock = options.clock();
    mountedOn = options.mountedOn();
    journaled = superblock.has(Feature.HAS_JOURNAL);
    wasValid = (superblock.state() & Superblock.STATE_VALID) != 0;
  }

  /** Marks the volume as in use, durably, before anything else is written. */
  void opened() throws IOException {
    if (journaled) {
      superblock.feature(Feature.RECOVER, true);
    } else {
      superblock.state(superblock.state() & ~Superblock.STATE_VALID);
    }
    if (superblock.has(Feature.ORPHAN_FILE)) {
      superblock.feature(Feature.ORPHAN_PRESENT, true);
    }
    usage.mountCount(usage.mountCount() + 1);
    if (!mountedOn.isEmpty()) {
      usage.lastMounted(mountedOn);
    }
    usage.mountTime(clock.instant().getEpochSecond());
    write();
  }

  /**
   * Stores the counters and, if the volume was valid before, says so again. With a journal,
   * everything in it must be in place by now.
   *
   * @param orphans whether the orphan file has entries left
   */
  void closed(long freeBlocks, long freeInodes, boolean orphans) throws IOException {
    superblock.freeBlocksCount(freeBlocks);
    superblock.freeInodesCount(freeInodes);
    superblock.feature(Feature.RECOVER, false);
    superblock.feature(Feature.ORPHAN_PRESENT, orphans);
    if (wasValid) {
      superblock.state(superblock.state() | Superblock.STATE_VALID);
    }
    write();
  }

  private void write() throws IOException {
    usage.kilobytesWritten(kilobytesBefore + writtenBytes.getAsLong() / KILOBYTE);
    usage.writeTime(clock.instant().getEpochSecond());
    SuperblockBlock.change(io, onDisk -> onDisk.copyFrom(superblock));
    io.flush();
  }
}
