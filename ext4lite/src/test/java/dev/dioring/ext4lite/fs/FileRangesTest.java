package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random writes, sizes, holes and moved ranges of a file, compared with an array. */
class FileRangesTest {
  private static final long SEED = 20261127;
  private static final int STEPS = 250;
  private static final int BLOCK = 4096;
  private static final int MAX = 200 * BLOCK;

  @TempDir Path directory;

  private byte[] model = {};
  private int alignment;
  private final Random random = new Random(SEED);

  @ParameterizedTest
  @ValueSource(strings = {"-b 4096", "-b 4096 -O ^has_journal", "-b 1024"})
  void randomRanges(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M", options.split(" "));
    long free;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      free = volume.freeBlocks();
      alignment = volume.device().geometry().offsetAlignmentBytes();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      long nr = names.create(2, bytes("file"), spec).inodeNr();
      MemorySegment memory = arena.allocate(MAX, BLOCK);
      try (Ext4File file = names.open(nr, true)) {
        for (int i = 0; i < STEPS; i++) {
          step(names, file, nr, memory);
          assertEquals(model.length, names.attributes(nr).sizeBytes());
          assertContent(file, memory, i);
        }
      }
      names.change(nr, AttributeChange.NONE.withSizeBytes(0));
      names.unlink(2, bytes("file"));
      names.forget(nr, 1);
      volume.sync();
      volume.sync();
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(free, volume.freeBlocks());
    }
  }

  private void step(Ext4Namespace names, Ext4File file, long nr, MemorySegment memory)
      throws Exception {
    long offset = (long) random.nextInt(MAX / 2 / BLOCK) * BLOCK;
    long length = (1L + random.nextInt(20)) * BLOCK;
    switch (random.nextInt(9)) {
      case 0 -> {
        int size = random.nextInt(MAX / 2);
        names.change(nr, AttributeChange.NONE.withSizeBytes(size));
        model = Arrays.copyOf(model, size);
      }
      case 1 -> {
        long at = offset + random.nextInt(BLOCK);
        long bytes = 1L + random.nextInt(5 * BLOCK);
        names.ranges().punch(nr, at, bytes);
        fill(at, at + bytes);
      }
      case 2 -> {
        names.ranges().zero(nr, offset, length, true);
        fill(offset, offset + length);
      }
      case 3 -> {
        if (offset + length < model.length) {
          names.ranges().collapse(nr, offset, length);
          byte[] shorter = Arrays.copyOf(model, model.length - (int) length);
          int from = (int) (offset + length);
          System.arraycopy(model, from, shorter, (int) offset, model.length - from);
          model = shorter;
        }
      }
      case 4 -> {
        if (offset < model.length && model.length + length < MAX) {
          names.ranges().insert(nr, offset, length);
          byte[] longer = Arrays.copyOf(model, model.length + (int) length);
          int rest = model.length - (int) offset;
          System.arraycopy(model, (int) offset, longer, (int) (offset + length), rest);
          Arrays.fill(longer, (int) offset, (int) (offset + length), (byte) 0);
          model = longer;
        }
      }
      case 5 -> {
        boolean keepSize = random.nextBoolean();
        file.fallocate(offset, length, keepSize);
        int end = keepSize ? 0 : (int) (offset + length);
        model = Arrays.copyOf(model, Math.max(model.length, end));
      }
      case 6 -> writeBytes(file, random.nextInt(MAX / 2), 1 + random.nextInt(3 * BLOCK), memory);
      case 7 -> append(file, memory);
      default -> write(file, offset, (int) length, memory);
    }
  }

  private void write(Ext4File file, long offset, int length, MemorySegment memory) {
    byte[] content = content((int) offset, length);
    MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    assertEquals(length, file.io().write(offset, memory.asSlice(0, length), 0));
  }

  private void writeBytes(Ext4File file, int offset, int length, MemorySegment memory)
      throws InterruptedException {
    writeBytes(file, offset, content(offset, length), memory);
  }

  private void writeBytes(Ext4File file, int offset, byte[] content, MemorySegment memory)
      throws InterruptedException {
    int skew = offset & (alignment - 1);
    MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, skew, content.length);
    assertEquals(content.length, file.writeBytes(offset, content.length, memory, 0));
  }

  /** Small writes that follow each other, kept in memory for a while where that has room. */
  private void append(Ext4File file, MemorySegment memory) throws InterruptedException {
    for (int i = random.nextInt(10); i >= 0 && model.length < MAX / 2; i--) {
      int offset = model.length;
      int length = 1 + random.nextInt(2000);
      MemorySegment data = memory.asSlice(0, length);
      byte[] content = content(offset, length);
      MemorySegment.copy(content, 0, data, ValueLayout.JAVA_BYTE, 0, length);
      int taken = file.writeLater(offset, data);
      taken = taken < 0 ? file.writeLaterInTurn(offset, data) : taken;
      if (taken < 0) {
        writeBytes(file, offset, content, memory);
      } else {
        assertEquals(length, taken);
      }
    }
  }

  /** Random bytes, which the model gets. */
  private byte[] content(int offset, int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    model = Arrays.copyOf(model, Math.max(model.length, offset + length));
    System.arraycopy(content, 0, model, offset, length);
    return content;
  }

  private void fill(long from, long to) {
    int end = (int) Math.min(to, model.length);
    if (from < end) {
      Arrays.fill(model, (int) from, end, (byte) 0);
    }
  }

  private void assertContent(Ext4File file, MemorySegment memory, int step) {
    long count = file.io().read(0, memory, 0);
    String what = "step " + step + ", seed " + SEED;
    assertEquals(model.length, count, what);
    long mismatch = memory.asSlice(0, count).mismatch(MemorySegment.ofArray(model));
    assertEquals(-1, mismatch, what);
  }

  /** As a damaged inode may have it: behind all blocks there is nothing, and that has an end. */
  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void sizesBeyondAllBlocksEndSearches() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("file"), "content");
    Ext4Image image = Ext4Image.populated(directory.resolve("large.img"), "16M", content);
    image.debugfsWrite("sif file size 0x1000000000000000");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      long nr = volume.resolve("/file").inodeNr();
      FileRangeOperations ranges = volume.namespace().ranges();
      assertEquals(0, ranges.seek(nr, 0, true));
      assertEquals(
          Errno.ENXIO,
          assertThrows(Ext4Exception.class, () -> ranges.seek(nr, 1 << 20, true)).errno());
      ranges.punch(nr, 1 << 20, 1L << 50);
      ranges.punch(nr, 1 << 20, Long.MAX_VALUE - (1 << 20));
    }
  }

  @Test
  void seeksDataAndHoles() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M", "-b", "4096");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      long nr = names.create(2, bytes("file"), spec).inodeNr();
      MemorySegment memory = arena.allocate(BLOCK, BLOCK);
      try (Ext4File file = names.open(nr, true)) {
        assertEquals(BLOCK, file.io().write(8 * BLOCK, memory, 0));
        names.change(nr, AttributeChange.NONE.withSizeBytes(20 * BLOCK));
      }
      assertEquals(0, names.ranges().seek(nr, 0, false));
      assertEquals(8 * BLOCK, names.ranges().seek(nr, 0, true));
      assertEquals(8 * BLOCK + 5, names.ranges().seek(nr, 8 * BLOCK + 5, true));
      assertEquals(9 * BLOCK, names.ranges().seek(nr, 8 * BLOCK + 5, false));
      Ext4Exception failure =
          assertThrows(Ext4Exception.class, () -> names.ranges().seek(nr, 9 * BLOCK, true));
      assertEquals(Errno.ENXIO, failure.errno());
    }
    image.assertClean();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
