package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.MountProtectionBlock;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A claim of multiple-mount protection (mmp): of the hosts that reach one volume, one at a time
 * writes it. Whoever wants to watches a number in a block of the volume for longer than its writer
 * would leave it alone; if it stays as it was, stores one of its own, and watches that. The claim
 * is kept by {@link MountClaim}. One thread at a time.
 */
final class MountProtection {
  /** What passes between two looks at the block. */
  interface Pause {
    Pause REAL = seconds -> Thread.sleep(seconds * 1000);

    void seconds(long seconds) throws InterruptedException;
  }

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final Logger LOG = LoggerFactory.getLogger(MountProtection.class);

  /** What the interval between updates is where the superblock has none. */
  private static final int UPDATE_SECONDS = 5;

  private static final int CHECK_SECONDS_MIN = 5;
  private static final int CHECK_SECONDS_MAX = 300;

  /** However long the interval, this much more is enough. */
  private static final int WAIT_BEYOND_SECONDS_MAX = 60;

  private final BlockIo io;
  private final String name;
  private final Clock clock;
  private final int updateSeconds;
  private final long blockNr;
  private final String node;
  private final MemorySegment memory;
  private final MountProtectionBlock block;

  /** The number that this claim stored last. */
  private long sequence;

  /**
   * Finds the block of a volume.
   *
   * @param arena for memory that must last as long as this
   */
  MountProtection(BlockIo io, String name, Superblock superblock, Clock clock, Arena arena)
      throws CorruptStructureException {
    this.io = io;
    this.name = name;
    this.clock = clock;
    node = hostName();
    int stored = superblock.mountProtectionSeconds();
    updateSeconds = stored == 0 ? UPDATE_SECONDS : stored;
    blockNr = superblock.mountProtectionBlockNr();
    BlockGroups groups = BlockGroups.of(superblock);
    if (!groups.contains(blockNr, 1)) {
      throw new CorruptStructureException(
          "superblock", "s_mmp_block", groups.containedRange(), Long.toString(blockNr));
    }
    memory = arena.allocate(groups.blockSizeBytes(), groups.blockSizeBytes());
    block = new MountProtectionBlock(MetadataChecksums.of(superblock), memory);
  }

  /**
   * Claims the volume. Takes twice the interval in which its writer has to renew a claim, and twice
   * as long if it was not closed.
   *
   * @throws Ext4Exception EBUSY if another has it
   */
  void claim(Pause pause) throws IOException {
    read();
    long found = block.sequence();
    long checkSeconds = Math.max(CHECK_SECONDS_MIN, Math.max(updateSeconds, block.checkInterval()));
    long waitSeconds = Math.min(2 * checkSeconds + 1, checkSeconds + WAIT_BEYOND_SECONDS_MAX);
    if (found == MountProtectionBlock.CHECKING) {
      throw busy(
          "e2fsck works on it; if it was cut off, 'tune2fs -f -E clear_mmp' takes its mark away");
    }
    LOG.warn(
        "{}: looking for {} s whether another host has it open (mmp)",
        name,
        found == MountProtectionBlock.CLEAN ? waitSeconds : 2 * waitSeconds);
    if (found != MountProtectionBlock.CLEAN) {
      watch(found, waitSeconds, pause);
    }
    write(ThreadLocalRandom.current().nextLong(1, MountProtectionBlock.SEQUENCE_MAX));
    watch(sequence, waitSeconds, pause);
    renew(0);
  }

  /** Seconds from one renewal to the next. */
  int updateSeconds() {
    return updateSeconds;
  }

  /** Seconds after which others may take this claim for one that was left behind. */
  int checkSeconds() {
    return block.checkInterval();
  }

  /** Whether the block is still as this claim stored it. */
  boolean isHeld() throws IOException {
    read();
    return block.sequence() == sequence && block.node().equals(node);
  }

  /** Who wrote the block that was read last. */
  String holder() {
    return "host " + block.node() + ", device " + block.device();
  }

  /**
   * Stores the next number.
   *
   * @param elapsedSeconds since the last was stored: others have to be twice as patient
   */
  void renew(long elapsedSeconds) throws BlockIoException {
    long patience = Math.clamp(2 * elapsedSeconds, CHECK_SECONDS_MIN, CHECK_SECONDS_MAX);
    block.checkInterval((int) Math.max(patience, updateSeconds));
    write(sequence % MountProtectionBlock.SEQUENCE_MAX + 1);
  }

  /** Gives the volume to whoever wants it. */
  void release() throws BlockIoException {
    block.checkInterval(CHECK_SECONDS_MIN);
    write(MountProtectionBlock.CLEAN);
    io.flush();
  }

  private void watch(long expected, long seconds, Pause pause) throws IOException {
    try {
      pause.seconds(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("opening " + name + " was interrupted");
    }
    read();
    if (block.sequence() != expected) {
      throw busy("it is open on " + holder() + " (mmp)");
    }
  }

  private static String hostName() {
    try {
      return Files.readString(HOST_NAME).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  private Ext4Exception busy(String why) {
    return new Ext4Exception("opening " + name, Errno.EBUSY, why);
  }

  private void read() throws IOException {
    io.readFully(blockNr * memory.byteSize(), memory);
    block.check(blockNr);
  }

  private void write(long number) throws BlockIoException {
    sequence = number;
    block.sequence(number);
    block.time(clock.instant().getEpochSecond());
    block.node(node);
    block.device(name.substring(name.lastIndexOf('/') + 1));
    block.updateChecksum();
    io.writeFua(blockNr * memory.byteSize(), memory);
  }
}
