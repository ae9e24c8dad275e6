package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.CommitBlock;
import dev.dioring.ext4lite.format.DescriptorWriter;
import dev.dioring.ext4lite.format.JournalChecksums;
import dev.dioring.ext4lite.format.JournalCrc32;
import dev.dioring.ext4lite.format.JournalFeatures;
import dev.dioring.ext4lite.format.JournalHeader;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.RevokeRecords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Writes transactions into the log. Used by the thread that commits. */
final class LogWriter implements AutoCloseable {
  private static final int IN_FLIGHT_MAX = 64;
  private static final int PAGE_BYTES = 4096;

  private final BlockIo io;
  private final JournalMap map;
  private final Clock clock;
  private final int blockSizeBytes;
  private final int transferBlocksMax;
  private final JournalFeatures features;
  private final JournalChecksums checksums;
  private final DescriptorWriter descriptor;
  private final RevokeRecords revokes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment commitBlock;

  LogWriter(JournalPlace place, JournalSuperblock superblock, Clock clock) {
    io = place.io();
    map = place.map();
    this.clock = clock;
    blockSizeBytes = (int) superblock.blockSizeBytes();
    transferBlocksMax = Math.max(1, io.device().geometry().maxTransferBytes() / blockSizeBytes);
    features = superblock.features();
    checksums = JournalChecksums.of(superblock);
    descriptor = new DescriptorWriter(superblock);
    revokes = new RevokeRecords(superblock);
    commitBlock = arena.allocate(blockSizeBytes, Math.max(PAGE_BYTES, blockSizeBytes));
  }

  /** Fills in what is not a copy: revoke blocks and descriptors; escapes copies. */
  void encode(FrozenTransaction frozen, int sequence, LogMemory memory) {
    int at = 0;
    int record = 0;
    for (; at < frozen.revokeBlocks; at++) {
      MemorySegment block = frozen.image.get(at).memory();
      revokes.begin(block, 0, sequence);
      for (int i = 0; i < revokes.recordsMax() && record < frozen.revoked.length; i++) {
        revokes.add(block, 0, frozen.revoked[record++]);
      }
      revokes.end(block, 0);
    }
    int tags = descriptor.tagsMax();
    for (int first = 0; first < frozen.copies.size(); first += tags) {
      int end = Math.min(first + tags, frozen.copies.size());
      descriptor.begin(frozen.image.get(at++).memory(), 0, sequence);
      for (FrozenTransaction.Copy copy : frozen.copies.subList(first, end)) {
        boolean escaped = escape(copy, memory);
        MemorySegment logged = frozen.image.get(at++).memory();
        descriptor.add(
            copy.blockNr(),
            escaped,
            checksums.enabled() ? checksums.ofCopy(sequence, logged, 0) : 0);
      }
      descriptor.end();
    }
  }

  /**
   * Writes all blocks but the commit block, and waits for them.
   *
   * @param start where the log has room for them
   */
  void write(FrozenTransaction frozen, LogSpace space, long start) throws BlockIoException {
    PendingWrites writes = new PendingWrites(io, IN_FLIGHT_MAX);
    List<LogMemory.Block> image = frozen.image;
    try {
      for (int at = 0; at < image.size(); ) {
        long logBlock = space.behind(start, at);
        int count = runBlocks(image, at, logBlock, space.untilEnd(logBlock));
        writes.add(map.blockNr(logBlock) * blockSizeBytes, image.get(at).run(count));
        at += count;
      }
    } finally {
      writes.await();
    }
  }

  /** Writes the commit block, durably; everything before it must be durable already. */
  void commit(FrozenTransaction frozen, long logBlock, int sequence) throws BlockIoException {
    Instant now = clock.instant();
    CommitBlock.put(commitBlock, 0, blockSizeBytes, sequence, now.getEpochSecond(), now.getNano());
    if (features.checksumV1()) {
      CommitBlock.putCrc32(commitBlock, 0, crc32(frozen));
    }
    checksums.updateCommit(commitBlock, 0);
    io.writeFua(map.blockNr(logBlock) * blockSizeBytes, commitBlock);
  }

  /** Copies that one descriptor names. */
  int tagsPerDescriptor() {
    return descriptor.tagsMax();
  }

  /** Freed blocks that one revoke block names. */
  int recordsPerRevoke() {
    return revokes.recordsMax();
  }

  @Override
  public void close() {
    arena.close();
  }

  /** How many blocks lie in one piece in memory, in the log and on the device. */
  private int runBlocks(List<LogMemory.Block> image, int at, long logBlock, long untilEnd) {
    int max = (int) Math.min(untilEnd, image.size() - at);
    max = map.runBlocks(logBlock, Math.min(max, transferBlocksMax));
    int count = 1;
    while (count < max && image.get(at + count - 1).isFollowedBy(image.get(at + count))) {
      count++;
    }
    return count;
  }

  /** A copy that looks like a block of the journal is logged without its magic. */
  private static boolean escape(FrozenTransaction.Copy copy, LogMemory memory) {
    MemorySegment logged = copy.content.memory();
    if (!JournalHeader.hasMagic(logged, 0)) {
      return false;
    }
    LogMemory.Block own = memory.take();
    own.memory().copyFrom(logged);
    JournalHeader.escape(logged, 0);
    copy.content = own;
    return true;
  }

  /** Of descriptors and copies; revoke blocks are left out. */
  private int crc32(FrozenTransaction frozen) {
    int crc = JournalCrc32.SEED;
    for (int i = frozen.revokeBlocks; i < frozen.image.size(); i++) {
      crc = JournalCrc32.update(crc, frozen.image.get(i).memory(), 0, blockSizeBytes);
    }
    return crc;
  }
}
