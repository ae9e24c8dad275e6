package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.CommitBlock;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DescriptorTags;
import dev.dioring.ext4lite.format.JournalChecksums;
import dev.dioring.ext4lite.format.JournalCrc32;
import dev.dioring.ext4lite.format.JournalFeatures;
import dev.dioring.ext4lite.format.JournalHeader;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.RevokeRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks a log once, from its start to the first transaction that is not whole, and gathers what the
 * whole ones logged and revoked. A transaction counts once its commit block is found and every
 * checksum there is, of its copies too, is right; so none is ever replayed in part.
 *
 * <p>Where a checksum is wrong the log ends as well. That is a crash's doing if the transaction was
 * not committed, or was committed asynchronously and is the last one. Otherwise the medium is
 * damaged: what follows is lost, and whoever uses the volume must hear of it.
 */
final class LogScan {
  /** Says which blocks of the filesystem a log may hold copies of. */
  interface Target {
    boolean accepts(long blockNr);

    /** What a message says that a block must satisfy. */
    String rule();
  }

  private final LogReader reader;
  private final Target target;
  private final JournalFeatures features;
  private final JournalChecksums checksums;
  private final DescriptorTags tags;
  private final RevokeRecords revokes;
  private final MemorySegment descriptor;
  private final int blockSizeBytes;
  private final RedoPlan plan = new RedoPlan();

  private long at;
  private long restBlocks;
  private int sequence;
  private int transactions;
  private long lastCommitSeconds = Long.MIN_VALUE;

  /** The running transaction: what it logged and revoked, and what is wrong with it, if so. */
  private final List<RedoPlan.Copy> logged = new ArrayList<>();

  private final List<Long> revoked = new ArrayList<>();
  private int crc32 = JournalCrc32.SEED;
  private String failure = "";

  LogScan(JournalSuperblock superblock, LogReader reader, Target target, Arena arena) {
    this.reader = reader;
    this.target = target;
    features = superblock.features();
    checksums = JournalChecksums.of(superblock);
    blockSizeBytes = (int) superblock.blockSizeBytes();
    tags = new DescriptorTags(features, blockSizeBytes);
    revokes = new RevokeRecords(superblock);
    descriptor = arena.allocate(blockSizeBytes);
    at = superblock.startBlock();
    sequence = superblock.sequence();
    restBlocks = at == 0 ? 0 : reader.lengthBlocks();
  }

  /**
   * Scans.
   *
   * @throws CorruptStructureException if a committed transaction would write outside of its volume
   *     or over the journal
   */
  LogContent run() throws IOException {
    boolean committed = false;
    while (failure.isEmpty() && restBlocks > 0) {
      MemorySegment block = reader.block(at);
      if (!JournalHeader.belongsTo(block, 0, sequence)) {
        break;
      }
      advance();
      switch (JournalHeader.type(block, 0)) {
        case JournalHeader.DESCRIPTOR -> takeDescriptor(block);
        case JournalHeader.REVOKE -> takeRevokes(block);
        case JournalHeader.COMMIT -> committed = takeCommit(block);
        default -> restBlocks = 0;
      }
    }
    boolean damaged = !failure.isEmpty() && (committed || isCommittedBehind());
    return new LogContent(plan, sequence, transactions, damaged ? failure : "");
  }

  private void advance() {
    at = reader.next(at);
    restBlocks--;
  }

  private void takeDescriptor(MemorySegment block) throws BlockIoException {
    if (!checksums.isTailValid(block, 0)) {
      fail("its descriptor block has a wrong checksum");
      return;
    }
    // The window moves on while the copies are read.
    descriptor.copyFrom(block);
    if (features.checksumV1()) {
      crc32 = JournalCrc32.update(crc32, descriptor, 0, blockSizeBytes);
    }
    tags.begin(descriptor, 0);
    while (tags.next() && restBlocks > 0) {
      checkCopy();
      logged.add(new RedoPlan.Copy(tags.blockNr(), at, tags.isEscaped()));
      advance();
    }
  }

  private void checkCopy() throws BlockIoException {
    if (features.checksumV1()) {
      crc32 = JournalCrc32.update(crc32, reader.block(at), 0, blockSizeBytes);
    }
    if (checksums.enabled()
        && failure.isEmpty()
        && checksums.ofCopy(sequence, reader.block(at), 0) != tags.checksum()) {
      fail("its copy of block " + tags.blockNr() + " has a wrong checksum");
    }
  }

  private void takeRevokes(MemorySegment block) {
    if (!checksums.isTailValid(block, 0)) {
      fail("its revoke block has a wrong checksum");
    } else if (!revokes.isCountValid(block, 0)) {
      fail("the count of its revoke block exceeds the block");
    } else {
      for (int i = 0; i < revokes.count(block, 0); i++) {
        revoked.add(revokes.blockNr(block, 0, i));
      }
    }
  }

  /**
   * Ends a transaction.
   *
   * @return whether its checksums should have been right, as it was committed synchronously
   */
  private boolean takeCommit(MemorySegment block) throws CorruptStructureException {
    long seconds = CommitBlock.seconds(block, 0);
    if (features.checksumV1() && !CommitBlock.matchesCrc32(block, 0, crc32)) {
      fail("its blocks have a wrong checksum");
    } else if (!checksums.isCommitValid(block, 0)) {
      fail("its commit block has a wrong checksum");
    } else {
      merge();
      lastCommitSeconds = seconds;
      return false;
    }
    // An earlier time tells a block that an older use of the journal left behind.
    return !features.asyncCommit() && seconds >= lastCommitSeconds;
  }

  private void merge() throws CorruptStructureException {
    for (RedoPlan.Copy copy : logged) {
      if (!target.accepts(copy.blockNr())) {
        throw new CorruptStructureException(
            "journal transaction " + Integer.toUnsignedString(sequence),
            "place of the copy in block " + copy.journalBlock() + " of the journal",
            target.rule(),
            "block " + copy.blockNr());
      }
    }
    plan.commit(logged, revoked);
    logged.clear();
    revoked.clear();
    crc32 = JournalCrc32.SEED;
    sequence++;
    transactions++;
  }

  private void fail(String what) {
    failure = "journal transaction " + Integer.toUnsignedString(sequence) + ": " + what;
  }

  /** Whether the rest of the log proves that the transaction at its end had been committed. */
  private boolean isCommittedBehind() throws BlockIoException {
    for (; restBlocks > 0; advance()) {
      MemorySegment block = reader.block(at);
      if (JournalHeader.hasMagic(block, 0)
          && JournalHeader.type(block, 0) == JournalHeader.COMMIT
          && CommitBlock.seconds(block, 0) >= lastCommitSeconds
          && checksums.isCommitValid(block, 0)) {
        int found = JournalHeader.sequence(block, 0);
        if (found == sequence + 1 || (found == sequence && !features.asyncCommit())) {
          return true;
        }
      }
    }
    return false;
  }
}
