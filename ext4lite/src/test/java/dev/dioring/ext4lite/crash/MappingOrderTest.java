package dev.dioring.ext4lite.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.PowerCut;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power is cut while a file grows and shrinks whose content is mapped by other blocks than its
 * inode, on images without a journal. e2fsck takes away what it finds mapped behind the end of a
 * file, and all of an extent with it: there must never be any.
 */
class MappingOrderTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 99);
  private static final int STATES = Integer.getInteger("dioring.crash.states", 300);
  private static final int BLOCK_BYTES = 1024;
  private static final int BLOCKS = 400;

  /** Blocks that no change of size takes away. */
  private static final int KEPT_BLOCKS = 250;

  private static final int RUN_BLOCKS = 3;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int SUPERBLOCK_END_BYTES = 2048;

  private @TempDir Path directory;

  private final SplittableRandom random = new SplittableRandom(SEED);

  /** When each block was durable. */
  private final int[] durable = new int[BLOCKS];

  @ParameterizedTest
  @ValueSource(strings = {"-O ^has_journal", "-t ext2"})
  void nothingIsMappedBehindTheEnd(String options) throws Exception {
    byte[] initial = image(options);
    MemoryBlockDevice memory = new MemoryBlockDevice("cut", initial.length, true, true);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    RecordingBlockDevice device = new RecordingBlockDevice(memory);
    Arrays.fill(durable, NEVER);
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(volume.resolve("/file"), true)) {
      grow(file, device);
      shrink(volume, file);
    }
    PowerCut cuts =
        new PowerCut(device.log(), device.events(), BLOCK_BYTES, SUPERBLOCK_END_BYTES, SEED);
    for (int i = 0; i < STATES; i++) {
      // The plain states come first, in the order of time.
      int plain = cuts.plainStates();
      PowerCut.State cut = cuts.state(i % 4 == 0 ? random.nextInt(plain) : plain + i);
      byte[] state = initial.clone();
      cut.applyTo(MemorySegment.ofArray(state));
      check(state, cut);
    }
  }

  private byte[] image(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    String[] all = ("-b " + BLOCK_BYTES + " " + options).split(" ", -1);
    return Ext4Image.populated(directory.resolve("initial"), "4M", content, all).bytes();
  }

  /** Appends runs with holes between them, which become an extent each. */
  private void grow(Ext4File file, RecordingBlockDevice device) throws Exception {
    int synced = 0;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BLOCK_BYTES, 4096);
      for (int block = 0; block < BLOCKS; block++) {
        if (isHole(block)) {
          continue;
        }
        Stamp.put(memory, 0, block, 1);
        assertEquals(BLOCK_BYTES, file.io().write((long) block * BLOCK_BYTES, memory, 0));
        if (random.nextInt(3) == 0) {
          file.sync(true);
          Arrays.fill(durable, synced, block + 1, device.events());
          synced = block + 1;
        }
      }
    }
  }

  private static boolean isHole(int block) {
    return block % (RUN_BLOCKS + 1) == RUN_BLOCKS;
  }

  private void shrink(Ext4Volume volume, Ext4File file) throws Exception {
    for (long size = file.sizeBytes(); size > KEPT_BLOCKS * BLOCK_BYTES; ) {
      size = Math.max(KEPT_BLOCKS * BLOCK_BYTES, size - random.nextInt(20 * BLOCK_BYTES));
      var unused =
          volume.namespace().change(file.inodeNr(), AttributeChange.NONE.withSizeBytes(size));
      if (random.nextInt(3) == 0) {
        file.sync(true);
      }
    }
  }

  private void check(byte[] state, PowerCut.State cut) throws Exception {
    String which = cut + ", seed " + SEED;
    Path image = Files.write(directory.resolve("state"), state);
    assertNull(CrashCheck.repairPlain(image), which);
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_ONLY);
        Ext4File file = volume.openFile(volume.resolve("/file"), false);
        Arena arena = Arena.ofShared()) {
      MemorySegment content = arena.allocate((long) BLOCKS * BLOCK_BYTES, 4096);
      long read = file.io().read(0, content, 0);
      for (int block = 0; block < KEPT_BLOCKS; block++) {
        if (durable[block] <= cut.cut() && !isHole(block)) {
          long at = (long) block * BLOCK_BYTES;
          String where = which + ": block " + block + " of " + read + " bytes";
          assertTrue(at + BLOCK_BYTES <= read, where);
          MemorySegment sector = content.asSlice(at, Stamp.SECTOR_BYTES);
          assertTrue(Stamp.matches(sector, 0, block, 0, 1), where);
        }
      }
    }
  }
}
