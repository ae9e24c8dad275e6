package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.CommitBlock;
import dev.dioring.ext4lite.format.DescriptorWriter;
import dev.dioring.ext4lite.format.JournalChecksums;
import dev.dioring.ext4lite.format.JournalCrc32;
import dev.dioring.ext4lite.format.JournalHeader;
import dev.dioring.ext4lite.format.JournalSuperblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Puts blocks, as one transaction, to the start of a log that holds nothing else that counts. */
final class LoneTransaction {
  private static final int IN_FLIGHT_MAX = 64;

  private final JournalIo journal;
  private final BlockIo io;
  private final JournalSuperblock superblock;
  private final Map<Long, MemorySegment> blocks;
  private final DescriptorWriter descriptor;
  private final JournalChecksums checksums;
  private final int blockSizeBytes;

  /**
   * Makes a transaction.
   *
   * @param io the volume's device
   * @param blocks content by block number
   */
  LoneTransaction(
      JournalIo journal,
      BlockIo io,
      JournalSuperblock superblock,
      Map<Long, MemorySegment> blocks) {
    this.journal = journal;
    this.io = io;
    this.superblock = superblock;
    this.blocks = new TreeMap<>(blocks);
    descriptor = new DescriptorWriter(superblock);
    checksums = JournalChecksums.of(superblock);
    blockSizeBytes = journal.blockSizeBytes();
  }

  /** Whether the log has room for it. */
  boolean fits() {
    return imageBlocks() < superblock.endBlock() - superblock.firstBlock();
  }

  /** Writes it and then, when all of it is durable, its commit block, durably. */
  void log(int sequence) throws BlockIoException {
    try (Arena arena = Arena.ofShared()) {
      int count = imageBlocks();
      MemorySegment image = arena.allocate((long) count * blockSizeBytes, blockSizeBytes);
      encode(image, sequence);
      PendingWrites writes = new PendingWrites(journal.device(), IN_FLIGHT_MAX);
      try {
        for (int at = 0; at < count; at++) {
          long blockNr = journal.map().blockNr(superblock.firstBlock() + at);
          writes.add(blockNr * blockSizeBytes, slot(image, at));
        }
      } finally {
        writes.await();
      }
      journal.device().flush();
      MemorySegment commit = arena.allocate(blockSizeBytes, blockSizeBytes);
      // Nothing is ordered by its time, and without one a repeated recovery writes the same.
      CommitBlock.put(commit, 0, blockSizeBytes, sequence, 0, 0);
      if (superblock.features().checksumV1()) {
        int crc = JournalCrc32.update(JournalCrc32.SEED, image, 0, image.byteSize());
        CommitBlock.putCrc32(commit, 0, crc);
      }
      checksums.updateCommit(commit, 0);
      journal.writeDurably(superblock.firstBlock() + count, commit);
    }
  }

  /** Writes the blocks where they belong, without a flush. */
  void write() throws BlockIoException {
    PendingWrites writes = new PendingWrites(io, IN_FLIGHT_MAX);
    try {
      blocks.forEach((blockNr, content) -> writes.add(blockNr * blockSizeBytes, content));
    } finally {
      writes.await();
    }
  }

  /** Descriptors and copies. */
  private int imageBlocks() {
    return blocks.size() + Math.ceilDiv(blocks.size(), descriptor.tagsMax());
  }

  private void encode(MemorySegment image, int sequence) {
    int at = 0;
    int left = 0;
    for (Map.Entry<Long, MemorySegment> entry : blocks.entrySet()) {
      if (left == 0) {
        if (at > 0) {
          descriptor.end();
        }
        descriptor.begin(slot(image, at++), 0, sequence);
        left = descriptor.tagsMax();
      }
      MemorySegment copy = slot(image, at++);
      copy.copyFrom(entry.getValue());
      boolean escaped = JournalHeader.hasMagic(copy, 0);
      if (escaped) {
        JournalHeader.escape(copy, 0);
      }
      int checksum = checksums.enabled() ? checksums.ofCopy(sequence, copy, 0) : 0;
      descriptor.add(entry.getKey(), escaped, checksum);
      left--;
    }
    descriptor.end();
  }

  private MemorySegment slot(MemorySegment image, int index) {
    return image.asSlice((long) index * blockSizeBytes, blockSizeBytes);
  }
}
