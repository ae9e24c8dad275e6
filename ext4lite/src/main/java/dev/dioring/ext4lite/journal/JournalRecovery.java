package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.block.OverlayBlockDevice;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.JournalFeatures;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.JournalSuperblockCheck;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers a volume from its journal, before anything of the volume but the superblock is read.
 *
 * <p>In place it writes what the log holds, flushes, and only then marks the log as empty; so it
 * may be interrupted anywhere and run again. A log that is damaged, or holds what is not
 * understood, is left alone: then, and for reading only, its good part is replayed into memory.
 */
public final class JournalRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(JournalRecovery.class);
  private static final int PAGE_BYTES = 4096;

  private final BlockDevice device;
  private final BlockIo io;
  private final Superblock superblock;
  private final BlockGroups groups;
  private final JournalIo journal;
  private final boolean isInternal;
  private final MemorySegment block;
  private final JournalSuperblock header;
  private final Arena arena;
  private final FastCommitReplayer fastCommits;

  private JournalRecovery(
      BlockDevice device,
      Superblock superblock,
      @Nullable JournalPlace external,
      FastCommitReplayer fastCommits,
      Arena arena)
      throws IOException {
    this.fastCommits = fastCommits;
    this.device = device;
    this.superblock = superblock;
    this.arena = arena;
    io = new BlockIo(device);
    groups = BlockGroups.of(superblock);
    int blockSize = groups.blockSizeBytes();
    isInternal = external == null;
    JournalPlace place = external != null ? external : JournalPlace.internal(io, superblock);
    journal = new JournalIo(place, blockSize);
    block = arena.allocate(blockSize, Math.max(PAGE_BYTES, blockSize));
    journal.readSuperblock(block);
    header = new JournalSuperblock(block, 0);
    check();
  }

  /**
   * Recovers a volume if it needs it.
   *
   * @param superblock as it is on disk; to be read again afterwards
   * @param writable whether the device may be written; else recovery happens in memory
   * @param external where the journal lies if it is on another device, and that is there
   * @param fastCommits replays what transactions do not hold
   * @param volumeArena for blocks in memory; to be closed after the device of the result
   * @throws UnsupportedJournalException if the journal is elsewhere or has unknown features
   * @throws CorruptStructureException if the journal is broken so that nothing can be said of the
   *     volume
   */
  public static Recovered recover(
      BlockDevice device,
      Superblock superblock,
      boolean writable,
      @Nullable JournalPlace external,
      FastCommitReplayer fastCommits,
      Arena volumeArena)
      throws IOException {
    boolean needed = superblock.has(Feature.RECOVER);
    if (!needed) {
      return writable && superblock.has(Feature.HAS_JOURNAL)
          ? prepare(device, superblock, external, fastCommits)
          : Recovered.nothing(device);
    }
    if (!superblock.has(Feature.HAS_JOURNAL)) {
      throw new CorruptStructureException(
          "superblock", "needs_recovery", "with has_journal only", "without");
    }
    requireJournal(superblock, external);
    try (Arena arena = Arena.ofShared()) {
      return new JournalRecovery(device, superblock, external, fastCommits, arena)
          .replay(writable, volumeArena);
    }
  }

  /** A clean volume is about to be written: its log must be empty, and one that we can write. */
  private static Recovered prepare(
      BlockDevice device,
      Superblock superblock,
      @Nullable JournalPlace external,
      FastCommitReplayer fastCommits)
      throws IOException {
    try (Arena arena = Arena.ofShared()) {
      requireJournal(superblock, external);
      new JournalRecovery(device, superblock, external, fastCommits, arena).discard();
      return Recovered.nothing(device);
    } catch (UnsupportedJournalException e) {
      return new Recovered(device, 0, 0, false, String.valueOf(e.getMessage()));
    }
  }

  private static void requireJournal(Superblock superblock, @Nullable JournalPlace external)
      throws UnsupportedJournalException {
    if (superblock.journalInodeNr() == 0 && external == null) {
      throw new UnsupportedJournalException(
          "its journal is on another device, with UUID "
              + superblock.journalUuid()
              + ": name it by journal_path");
    }
  }

  private void check() throws IOException {
    JournalSuperblockCheck.checkIdentity(header);
    JournalFeatures features = header.features();
    List<String> unknown = features.unknownIncompat();
    unknown.addAll(features.unknownRoCompat());
    if (!unknown.isEmpty()) {
      throw new UnsupportedJournalException(
          "its journal has features that ext4lite does not support: " + String.join(", ", unknown));
    }
    JournalSuperblockCheck.checkLayout(
        header, journal.blockSizeBytes(), journal.map().lengthBlocks());
  }

  private LogContent scan() throws IOException {
    LogReader reader = new LogReader(journal, header.firstBlock(), header.endBlock(), arena);
    return new LogScan(header, reader, new VolumeBlocks(), arena).run();
  }

  private Recovered replay(boolean writable, Arena volumeArena) throws IOException {
    LogContent content = scan();
    String problem = content.damage();
    if (problem.isEmpty()) {
      FastCommits commits = new FastCommitScan(journal, header, arena).run(content.nextSequence());
      if (!commits.isEmpty()) {
        return replay(content, commits, writable, volumeArena);
      }
    }
    LogReplay replay = new LogReplay(journal, io);
    if (writable && problem.isEmpty()) {
      writeInPlace(replay, content);
      if (header.startBlock() != 0 || header.errno() != 0) {
        empty(content.nextSequence() + 1);
      }
      new SuperblockUpdate(io, arena).recovered();
      return recovered(device, content, content.plan().size(), false, "");
    }
    Map<Long, MemorySegment> blocks = replay.read(content.plan(), volumeArena);
    return recovered(shown(blocks), content, blocks.size(), true, problem);
  }

  /**
   * The same for a log that ends with fast commits. What they come to is worked out in memory, and
   * becomes the transaction that they are the first part of: its commit block replaces them.
   */
  private Recovered replay(
      LogContent content, FastCommits commits, boolean writable, Arena volumeArena)
      throws IOException {
    LOG.info("{}: {} tags of fast commits", device.name(), commits.tags());
    LogReplay replay = new LogReplay(journal, io);
    Map<Long, MemorySegment> blocks = replay.read(content.plan(), volumeArena);
    Map<Long, MemorySegment> changes = Map.of();
    String problem = "";
    try {
      changes = fastCommits.replay(shown(blocks), commits, volumeArena);
    } catch (BlockIoException e) {
      throw e;
    } catch (IOException e) {
      problem =
          "its journal ends with fast commits that cannot be replayed, mount it or run e2fsck: "
              + e.getMessage();
    }
    LoneTransaction transaction = new LoneTransaction(journal, io, header, changes);
    if (problem.isEmpty() && !transaction.fits()) {
      problem = "its journal ends with fast commits that change more than its log has room for";
    }
    blocks.putAll(changes);
    if (!writable || !problem.isEmpty()) {
      return recovered(shown(blocks), content, blocks.size(), true, problem);
    }
    writeInPlace(replay, content);
    if (!changes.isEmpty()) {
      // The log is empty from here on, but the fast commits still count.
      mark(header.firstBlock(), content.nextSequence());
      transaction.log(content.nextSequence());
      transaction.write();
      SuperblockUpdate update = new SuperblockUpdate(io, arena);
      update.keepErrors(superblock, 0);
      io.flush();
    }
    empty(content.nextSequence() + 2);
    new SuperblockUpdate(io, arena).recovered();
    return recovered(device, content, blocks.size(), false, "");
  }

  /** Writes what transactions hold, durably. */
  private void writeInPlace(LogReplay replay, LogContent content) throws BlockIoException {
    replay.write(content.plan());
    new SuperblockUpdate(io, arena).keepErrors(superblock, header.errno());
    io.flush();
  }

  private BlockDevice shown(Map<Long, MemorySegment> blocks) {
    return new OverlayBlockDevice(device, journal.blockSizeBytes(), blocks);
  }

  /** The log of a clean volume is from before, whatever it holds, and must not be replayed. */
  private void discard() throws IOException {
    if (header.errno() != 0) {
      new SuperblockUpdate(io, arena).keepErrors(superblock, header.errno());
      io.flush();
    }
    if (header.startBlock() != 0 || header.errno() != 0) {
      empty(scan().nextSequence() + 1);
    }
  }

  private Recovered recovered(
      BlockDevice shown, LogContent content, int blocks, boolean inMemory, String problem) {
    LOG.info(
        "{}: replayed {} blocks of {} transactions{}",
        device.name(),
        blocks,
        content.transactions(),
        inMemory ? " in memory" : "");
    return new Recovered(shown, content.transactions(), blocks, inMemory, problem);
  }

  /**
   * Marks the log as empty, durably. One sequence number is skipped, so that blocks of a
   * transaction that the crash cut off never pass for a later one's.
   */
  private void empty(int nextSequence) throws IOException {
    mark(0, nextSequence);
  }

  private void mark(long startBlock, int nextSequence) throws IOException {
    header.startBlock(startBlock);
    header.sequence(nextSequence);
    header.errno(0);
    header.updateChecksum();
    journal.writeSuperblock(block);
  }

  /** What a log may hold copies of: any block of the volume but the journal's own. */
  private final class VolumeBlocks implements LogScan.Target {
    @Override
    public boolean accepts(long blockNr) {
      return blockNr >= groups.firstDataBlock()
          && blockNr < groups.blocksCount()
          && !(isInternal && journal.map().contains(blockNr));
    }

    @Override
    public String rule() {
      return "on the volume, not on its journal";
    }
  }
}
