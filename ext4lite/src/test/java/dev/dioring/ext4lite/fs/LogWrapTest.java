package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.PowerCut;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.JournalInode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The smallest log that mke2fs makes is filled more than once, and its numbers pass the ends of
 * what 32 bits hold. Wherever it is cut, we, e2fsck and the kernel recover the same.
 */
class LogWrapTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 11);
  private static final int CUTS = 6;
  private static final int SYNCS_PER_CUT = 12;
  private static final int SECTOR_BYTES = 512;
  private static final int SUPERBLOCK_END_BYTES = 2048;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "-b 1024 -J size=1, 1",
    "-b 1024 -J size=1, 2147483630",
    "-b 1024 -J size=1, -20",
    "-b 1024 -J size=1 -O ^64bit -O ^metadata_csum, -20",
    "-b 2048 -J size=2, -20",
    "-b 4096 -J size=4, -20",
  })
  void everybodyRecoversTheSame(String options, int sequence) throws Exception {
    byte[] initial =
        Ext4Image.make(directory.resolve("image"), "24M", options.split(" ", -1)).bytes();
    MemoryBlockDevice memory = new MemoryBlockDevice("log", initial.length, true, true);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    number(memory, sequence);
    byte[] numbered = Recoveries.content(memory);
    RecordingBlockDevice device = new RecordingBlockDevice(memory);
    int[] cuts = new int[CUTS];
    NamespaceModel model = new NamespaceModel(SEED);
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      for (int cut = 0; cut < CUTS; cut++) {
        for (int i = 0; i < SYNCS_PER_CUT; i++) {
          model.run(volume.namespace(), 25);
          volume.sync();
        }
        cuts[cut] = device.events();
      }
      assertTrue(volume.stats().journal().checkpoints() > 0, "the log was never full");
    }
    for (int cut : cuts) {
      PowerCut power = new PowerCut(device.log(), cut, SECTOR_BYTES, SUPERBLOCK_END_BYTES, SEED);
      // The last plain state has all that was written before the cut.
      PowerCut.State state = power.state(power.plainStates() - 1);
      byte[] crashed = numbered.clone();
      state.applyTo(MemorySegment.ofArray(crashed));
      assertRecovered(crashed, options + " from " + sequence + ", " + state);
    }
  }

  /** Lets the transactions of an empty log start with a number. */
  private static void number(MemoryBlockDevice memory, int sequence) throws Exception {
    MemorySegment medium = memory.medium();
    Superblock superblock = new Superblock(medium, Superblock.VOLUME_BYTE_OFFSET);
    BlockIo io = new BlockIo(memory);
    long blockSize = 1024L << superblock.logBlockSize();
    JournalSuperblock journal =
        new JournalSuperblock(medium, JournalInode.map(io, superblock).blockNr(0) * blockSize);
    assertEquals(0, journal.startBlock());
    journal.sequence(sequence);
    journal.updateChecksum();
  }

  private void assertRecovered(byte[] crashed, String what) throws Exception {
    Ext4Image ours = Ext4Image.of(Files.write(directory.resolve("ours"), crashed));
    try (Ext4Volume volume = Ext4Volume.open(ours.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), () -> what + ": " + volume.readOnlyReason());
    }
    ours.assertClean();
    Map<String, FileFacts> expected = facts(ours);
    Ext4Image checkers = Ext4Image.of(Files.write(directory.resolve("checkers"), crashed));
    checkers.settle();
    assertEquals(facts(checkers), expected, what + ", by e2fsck");
    if (LoopMount.isPossible()) {
      Path file = Files.write(directory.resolve("kernels"), crashed);
      LoopMount.writable(file, directory.resolve("mounted")).close();
      assertEquals(facts(Ext4Image.of(file)), expected, what + ", by the kernel");
    }
  }

  private static Map<String, FileFacts> facts(Ext4Image image) throws Exception {
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      return VolumeFacts.of(volume);
    }
  }
}
