package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asynchronous direct writes into preallocated blocks, on images of many kinds. */
class UnwrittenWriteTest {
  private static final long SEED = 20261123;
  private static final int WRITE_BYTES = 4096;
  private static final int FILE_BLOCKS = 2048;
  private static final int DEPTH = 32;
  private static final long FILE_INODE = 12;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O ^has_journal",
        "-b 1024 -O ^has_journal",
        "-b 2048 -O ^has_journal",
        "-b 4096 -O ^has_journal,^64bit",
        "-b 4096 -O ^has_journal,^metadata_csum,uninit_bg",
        "-b 4096 -O ^has_journal,^metadata_csum,^uninit_bg",
        "-b 1024 -O ^has_journal,^flex_bg,^resize_inode,meta_bg",
        "-b 4096 -O ^has_journal -I 128",
        "-b 4096",
        "-b 1024 -J size=1",
        "-b 2048 -O ^64bit",
        "-b 4096 -O ^metadata_csum",
        "-b 1024 -O ^64bit,^metadata_csum,^uninit_bg -J size=1"
      })
  void randomWritesIntoPreallocatedBlocks(String options) throws Exception {
    Ext4Image image = imageWithEmptyFile(options);
    byte[] model = new byte[FILE_BLOCKS * WRITE_BYTES];
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(FILE_INODE, true)) {
      file.fallocate(0, model.length, false);
      writeEveryOtherBlock(file, model);
      DeferredStats stats = volume.deferredStats();
      assertEquals(FILE_BLOCKS / 2, stats.deferred());
      assertEquals(1, stats.executorsMade() - stats.executorsDiscarded());
      assertContent(file, model);
    }
    image.assertClean();
    assertDumpEquals(image, model);
  }

  private Ext4Image imageWithEmptyFile(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    return Ext4Image.populated(directory.resolve("disk.img"), "64M", content, options.split(" "));
  }

  private static void writeEveryOtherBlock(Ext4File file, byte[] model) throws Exception {
    Random random = new Random(SEED);
    int[] blocks = random.ints(0, FILE_BLOCKS).distinct().limit(FILE_BLOCKS / 2).toArray();
    Semaphore slots = new Semaphore(DEPTH);
    ConcurrentLinkedQueue<MemorySegment> memory = new ConcurrentLinkedQueue<>();
    AtomicReference<String> failure = new AtomicReference<>();
    try (Arena arena = Arena.ofShared()) {
      for (int i = 0; i < DEPTH; i++) {
        memory.add(arena.allocate(WRITE_BYTES, WRITE_BYTES));
      }
      for (int block : blocks) {
        slots.acquire();
        MemorySegment segment = memory.remove();
        byte[] content = new byte[WRITE_BYTES];
        random.nextBytes(content);
        System.arraycopy(content, 0, model, block * WRITE_BYTES, WRITE_BYTES);
        MemorySegment.copy(content, 0, segment, ValueLayout.JAVA_BYTE, 0, WRITE_BYTES);
        Kiocb write =
            new Kiocb() {
              @Override
              protected void kiComplete(long result) {
                if (result != WRITE_BYTES) {
                  failure.set("write of block " + block + ": " + result + ", seed " + SEED);
                }
                memory.add(segment);
                slots.release();
              }
            };
        file.submit(write.write((long) block * WRITE_BYTES, segment, 0));
      }
      slots.acquire(DEPTH);
    }
    assertEquals(null, failure.get());
  }

  private static void assertContent(Ext4File file, byte[] model) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(model.length, WRITE_BYTES);
      assertEquals(model.length, file.io().read(0, memory, 0));
      assertEquals(-1, memory.mismatch(MemorySegment.ofArray(model)));
    }
  }

  private void assertDumpEquals(Ext4Image image, byte[] model) throws Exception {
    Path dump = directory.resolve("dump");
    image.debugfs("dump <" + FILE_INODE + "> " + dump);
    assertTrue(
        MemorySegment.ofArray(Files.readAllBytes(dump)).mismatch(MemorySegment.ofArray(model))
            == -1,
        "debugfs reads other bytes");
    ExternalTool.assumeInstalled("e2fsck");
  }
}
