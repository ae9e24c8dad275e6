package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.PowerCut;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power is cut while names are made and removed, some of files in use, on images with a
 * journal. Our recovery leaves a clean filesystem, the same that e2fsck's leaves.
 */
class NamespaceCutTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 4711);
  private static final int STATES = Integer.getInteger("dioring.crash.states", 60);
  private static final int COMPARE_EVERY = 4;
  private static final int ROUNDS = 8;
  private static final int SECTOR_BYTES = 512;
  private static final int SUPERBLOCK_END_BYTES = 2048;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 1024",
        "-b 1024 -J size=1",
        "-b 4096",
        "-b 1024 -O ^metadata_csum",
        "-b 1024 -O bigalloc,quota,orphan_file -C 4096 -J size=1"
      })
  void recoveryLeavesWhatE2fsckLeaves(String mkfs) throws Exception {
    byte[] initial =
        Ext4Image.make(directory.resolve("initial"), "12M", mkfs.split(" ", -1)).bytes();
    MemoryBlockDevice memory = new MemoryBlockDevice("cut", initial.length, true, true);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    RecordingBlockDevice device = new RecordingBlockDevice(memory);
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      work(volume);
    }
    PowerCut cuts =
        new PowerCut(device.log(), device.events(), SECTOR_BYTES, SUPERBLOCK_END_BYTES, SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < STATES; i++) {
      // The plain states first come in the order of time: spread over all of them.
      int number = random.nextInt(cuts.plainStates() + STATES);
      byte[] state = initial.clone();
      PowerCut.State cut = cuts.state(number);
      cut.applyTo(MemorySegment.ofArray(state));
      check(state, cut + ", seed " + SEED, i % COMPARE_EVERY == 0);
    }
  }

  private void work(Ext4Volume volume) throws Exception {
    Ext4Namespace names = volume.namespace();
    NamespaceModel model = new NamespaceModel(SEED);
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 1, 2);
    for (int round = 0; round < ROUNDS; round++) {
      model.run(names, 40);
      byte[] name = ("in use " + round).getBytes(UTF_8);
      InodeAttributes made = names.create(Ext4Inode.ROOT_NR, name, spec);
      try (Ext4File file = names.open(made.inodeNr(), true)) {
        file.fallocate(0, 300_000, false);
        volume.sync();
        names.unlink(Ext4Inode.ROOT_NR, name);
        model.run(names, 20);
        volume.sync();
        names.forget(made.inodeNr(), 1);
      }
      if (round % 2 == 1) {
        volume.sync();
      }
    }
  }

  private void check(byte[] state, String what, boolean compare) throws Exception {
    Path file = directory.resolve("state");
    Files.write(file, state);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), () -> what + ": " + volume.readOnlyReason());
    } catch (Ext4Exception e) {
      throw new AssertionError(what, e);
    }
    Ext4Image ours = Ext4Image.of(file);
    try {
      ours.assertClean();
    } catch (AssertionError e) {
      throw new AssertionError(what, e);
    }
    if (compare) {
      Ext4Image theirs = Ext4Image.of(Files.write(directory.resolve("theirs"), state));
      theirs.settle();
      assertEquals(facts(theirs), facts(ours), what);
    }
  }

  private static Map<String, FileFacts> facts(Ext4Image image) throws Exception {
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      return new TreeMap<>(VolumeFacts.of(volume));
    }
  }
}
