package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.PowerCut;
import dev.dioring.engine.block.RecordedRequest;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recovery that is cut off anywhere and run again gives what one gives that was not. */
class RecoveryInterruptedTest {
  private static final long SEED = 77;
  private static final int STATES_PER_EVENT = 1;
  private static final int SECTOR_BYTES = 512;

  /** Its checksum covers two sectors: no ext4 survives half a superblock. */
  private static final int SUPERBLOCK_END_BYTES = 2048;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 4096", "-t ext3 -b 1024 -J size=1"})
  void givesTheSameInTheEnd(String mkfs) throws Exception {
    check(mkfs, CrashedImage.rounds(4, SEED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024 -O fast_commit", "-b 4096 -O fast_commit"})
  void givesTheSameAfterFastCommits(String mkfs) throws Exception {
    check(
        mkfs,
        mounted -> {
          CrashedImage.rounds(2, SEED).run(mounted);
          for (int i = 0; i < 12; i++) {
            Path file = Files.writeString(mounted.resolve("fast" + i), "content ".repeat(100 * i));
            CrashedImage.commit(file);
            if (i % 3 == 2) {
              Files.delete(mounted.resolve("fast" + (i - 2)));
            }
          }
        });
  }

  private void check(String mkfs, CrashedImage.Workload workload) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "12M", mkfs.split(" ", -1));
    byte[] crashed = CrashedImage.crash(image, directory.resolve("crashed"), "", workload).bytes();
    List<RecordedRequest> log;
    byte[] expected;
    int events;
    try (MemoryBlockDevice medium = Recoveries.device(crashed);
        RecordingBlockDevice recording = new RecordingBlockDevice(medium)) {
      Recovered recovered = Recoveries.inPlace(recording);
      assertTrue(recovered.blocks() > 5);
      log = recording.log();
      events = recording.events();
      expected = Recoveries.content(medium);
    }
    Path result = Files.write(directory.resolve("result"), expected);
    Ext4Image.of(result).assertClean();
    assertArrayEquals(expected, Recoveries.inPlace(expected), "again");
    stopAtEveryWrite(crashed, expected, log);
    losePowerAnywhere(crashed, expected, log, events);
  }

  private static void stopAtEveryWrite(byte[] crashed, byte[] expected, List<RecordedRequest> log)
      throws Exception {
    int operations = log.size();
    for (int stop = 0; stop < operations; stop++) {
      AtomicInteger left = new AtomicInteger(stop);
      try (MemoryBlockDevice medium = Recoveries.device(crashed);
          FaultyBlockDevice faulty = new FaultyBlockDevice(medium)) {
        faulty.failWhere(r -> r.op() != BlockOp.READ && left.getAndDecrement() <= 0, Errno.EIO);
        BlockIoException e =
            assertThrows(BlockIoException.class, () -> Recoveries.inPlace(faulty), "" + stop);
        assertEquals(Errno.EIO, e.errno());
        faulty.failWhere(null, 0);
        assertArrayEquals(
            expected, Recoveries.inPlace(Recoveries.content(medium)), "stopped at " + stop);
      }
    }
  }

  /** Of what was written since the last flush, any sectors may have reached the medium. */
  private static void losePowerAnywhere(
      byte[] crashed, byte[] expected, List<RecordedRequest> log, int events) throws Exception {
    PowerCut cuts = new PowerCut(log, events, SECTOR_BYTES, SUPERBLOCK_END_BYTES, SEED);
    for (int i = 0; i < events * STATES_PER_EVENT; i++) {
      byte[] image = crashed.clone();
      PowerCut.State state = cuts.state(i);
      state.applyTo(MemorySegment.ofArray(image));
      assertArrayEquals(expected, Recoveries.inPlace(image), "seed " + SEED + " " + state);
    }
  }
}
