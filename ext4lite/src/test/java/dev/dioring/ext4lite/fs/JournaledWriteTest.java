package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes to images with a journal, cut off in the middle: a copy of the image while it is in use is
 * what a crash leaves. Three programs recover it, and all must find what was synced.
 */
class JournaledWriteTest {
  private static final long SEED = 20261124;
  private static final int WRITE_BYTES = 4096;
  private static final int FILE_BLOCKS = 1024;
  private static final int ROUNDS = 24;
  private static final int WRITES_PER_ROUND = 24;

  @TempDir Path directory;
  private final byte[] model = new byte[FILE_BLOCKS * WRITE_BYTES];

  /** Which blocks the model is sure of. */
  private final boolean[] synced = new boolean[FILE_BLOCKS];

  private Path content = Path.of("");

  @BeforeEach
  void makeContent() throws IOException {
    content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -J size=1",
        "-b 4096 -O ^metadata_csum",
        "-b 1024 -O ^64bit,^metadata_csum,^uninit_bg -J size=1",
        "-b 4096 -O ^64bit -J size=4"
      })
  void whatWasSyncedSurvives(String options) throws Exception {
    Ext4Image image =
        Ext4Image.populated(directory.resolve("disk.img"), "48M", content, options.split(" "));
    Path crashed = directory.resolve("crashed.img");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(volume.resolve("/file"), true)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      file.fallocate(0, model.length, false);
      writeAndSync(file);
      Files.copy(image.file(), crashed);
    }
    image.assertClean();
    assertSynced(image, "the image that was closed");
    recoverByUs(copyOf(crashed));
    recoverByE2fsck(copyOf(crashed));
    if (LoopMount.isPossible()) {
      recoverByKernel(copyOf(crashed));
    }
  }

  private void writeAndSync(Ext4File file) throws Exception {
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(WRITE_BYTES, WRITE_BYTES);
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WRITES_PER_ROUND; i++) {
          int block = random.nextInt(FILE_BLOCKS);
          byte[] bytes = new byte[WRITE_BYTES];
          random.nextBytes(bytes);
          System.arraycopy(bytes, 0, model, block * WRITE_BYTES, WRITE_BYTES);
          synced[block] = true;
          MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, WRITE_BYTES);
          int flags = i % 5 == 0 ? Kiocb.DSYNC : 0;
          assertEquals(WRITE_BYTES, file.io().write((long) block * WRITE_BYTES, memory, flags));
        }
        file.sync(round % 2 == 0);
      }
    }
  }

  private void recoverByUs(Ext4Image image) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
    }
    image.assertClean();
    assertSynced(image, "recovered by us");
  }

  private void recoverByE2fsck(Ext4Image image) throws Exception {
    image.settle();
    image.assertClean();
    assertSynced(image, "recovered by e2fsck");
  }

  private void recoverByKernel(Ext4Image image) throws Exception {
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mounted"))) {
      assertSynced(Files.readAllBytes(mount.directory().resolve("file")), "mounted by the kernel");
    }
    image.assertClean();
  }

  private Ext4Image copyOf(Path crashed) throws IOException {
    Path copy = directory.resolve("copy.img");
    Files.deleteIfExists(copy);
    Files.copy(crashed, copy);
    return Ext4Image.of(copy);
  }

  private void assertSynced(Ext4Image image, String what) throws Exception {
    Path dump = directory.resolve("dump");
    Files.deleteIfExists(dump);
    image.debugfs("dump /file " + dump);
    assertSynced(Files.readAllBytes(dump), what);
  }

  private void assertSynced(byte[] found, String what) {
    assertEquals(model.length, found.length, what);
    for (int block = 0; block < FILE_BLOCKS; block++) {
      int from = block * WRITE_BYTES;
      int end = from + WRITE_BYTES;
      if (synced[block]) {
        assertTrue(
            Arrays.equals(model, from, end, found, from, end),
            what + ": block " + block + " was synced, seed " + SEED);
      }
    }
  }
}
