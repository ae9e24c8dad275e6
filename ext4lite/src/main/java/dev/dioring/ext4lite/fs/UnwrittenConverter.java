package dev.dioring.ext4lite.fs;

import dev.dioring.engine.dio.ConversionBatch;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.util.concurrent.locks.StampedLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what a batch of writes has written a part of its file: marks the blocks as written and lets
 * the file grow, in as few changes as the journal has room for. The size never falls behind the
 * blocks of the same change, nor runs ahead of them. Used by one thread.
 */
final class UnwrittenConverter {
  private static final Logger LOG = LoggerFactory.getLogger(UnwrittenConverter.class);

  /** The first file that passes 2 GiB is noted in the superblock. */
  private static final int SUPERBLOCK_CREDITS = 1;

  /** What happens to the file beside its blocks; under the lock of its fields. */
  interface Growth {
    /** Blocks up to here are written. */
    void reached(long byteOffset);

    /** The errno of a failure, which is recorded if it has to be. */
    int failed(IOException failure);

    /** A change is about to end. */
    void store(Handle handle) throws IOException;
  }

  private final VolumeContext volume;
  private final InodeBlock owner;
  private final StampedLock lock;
  private final MapWriter writer;
  private final Growth growth;
  private final ConversionBatch batch;
  private final int blockShift;
  private int range;
  private long fileBlockNr;

  /** No block was left for the tree, and whether that was so before for this range. */
  private boolean full;

  private boolean settled;

  UnwrittenConverter(
      VolumeContext volume,
      InodeBlock owner,
      StampedLock lock,
      MapWriter writer,
      Growth growth,
      ConversionBatch batch) {
    this.volume = volume;
    this.owner = owner;
    this.lock = lock;
    this.writer = writer;
    this.growth = growth;
    this.batch = batch;
    blockShift = volume.groups().blockSizeShift();
  }

  /** Converts all ranges; those that it cannot convert are marked in the batch. */
  void run() {
    try {
      begin(0);
      while (range < batch.count()) {
        int credits = writer.changeCredits() + SUPERBLOCK_CREDITS;
        try (Handle handle = volume.journal().start(credits)) {
          change(handle, credits);
        }
        if (full) {
          // What the last changes freed can be used once they are durable.
          full = false;
          settled = true;
          volume.journal().settle();
        }
      }
    } catch (IOException e) {
      for (; range < batch.count(); range++) {
        batch.fail(range, growth.failed(e));
      }
    }
  }

  /** Converts as much as one handle has room for, at least one extent. */
  private void change(Handle handle, int credits) throws IOException {
    handle.access(owner.buffer());
    long stamp = lock.writeLock();
    try {
      do {
        step(handle);
      } while (!full && range < batch.count() && handle.extend(credits));
      growth.store(handle);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void step(Handle handle) {
    long endByteOffset = batch.byteOffset(range) + batch.lengthBytes(range);
    long endBlock = (endByteOffset + (1L << blockShift) - 1) >>> blockShift;
    try {
      fileBlockNr = writer.convert(handle, fileBlockNr, endBlock);
      growth.reached(Math.min(fileBlockNr << blockShift, endByteOffset));
      if (fileBlockNr >= endBlock) {
        begin(range + 1);
      }
    } catch (NoSpaceException e) {
      if (settled) {
        fail(e);
      } else {
        full = true;
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException e) {
    LOG.warn(
        "inode {}: blocks from {} stay unwritten: {}",
        owner.inodeNr(),
        fileBlockNr,
        e.getMessage());
    batch.fail(range, growth.failed(e));
    begin(range + 1);
  }

  private void begin(int next) {
    range = next;
    settled = false;
    if (next < batch.count()) {
      fileBlockNr = batch.byteOffset(next) >>> blockShift;
    }
  }
}
