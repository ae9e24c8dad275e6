package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.BlockMap;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with the block maps of ext2 and ext3, compared with a model, e2fsck and the kernel. */
class BlockMapWriteTest {
  private static final long SEED = 20261123;
  private static final int STEPS = 300;
  private static final int ZONE_BLOCKS = 48;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final SparseModel model = new SparseModel();
  private int blockBytes;

  /** Where the levels of the map meet, and the numbers around that. */
  private long[] zones = {};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext2 -b 1024",
        "-t ext2 -b 4096 -I 128",
        "-t ext3 -b 1024 -J size=1",
        "-t ext3 -b 4096",
        "-b 1024 -O ^extents,^64bit,^metadata_csum",
        "-b 4096 -O ^extents,^64bit",
        "-b 2048 -O ^extents,^64bit,^has_journal"
      })
  void randomWrites(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "48M", options.split(" "));
    long free = begin(image);
    for (int round = 0; round < 3; round++) {
      try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
          Arena arena = Arena.ofShared()) {
        Ext4Namespace names = volume.namespace();
        long nr = volume.resolve("/file").inodeNr();
        assertFalse(volume.inode(nr).raw().has(Inode.FLAG_EXTENTS));
        MemorySegment memory = arena.allocate((long) ZONE_BLOCKS * blockBytes, 4096);
        try (Ext4File file = names.open(nr, true)) {
          for (int i = 0; i < STEPS / 3; i++) {
            step(names, file, nr, memory);
            assertEquals(model.sizeBytes(), names.attributes(nr).sizeBytes());
            assertZones(file, memory, i);
          }
        }
      }
      image.assertClean();
      exchangeWithKernel(image);
    }
    remove(image, free);
  }

  private long begin(Ext4Image image) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      blockBytes = volume.context().groups().blockSizeBytes();
      long free = volume.freeBlocks();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      volume.namespace().create(2, bytes("file"), spec);
      long p = BlockMap.numbersPerBlock(blockBytes);
      zones = new long[] {0, 12 + p - 20, 12 + 2 * p - 20, 12 + p + p * p - 20};
      return free;
    }
  }

  private void step(Ext4Namespace names, Ext4File file, long nr, MemorySegment memory)
      throws Exception {
    long zone = zones[random.nextInt(zones.length)];
    long at = (zone + random.nextInt(ZONE_BLOCKS - 20)) * blockBytes;
    switch (random.nextInt(8)) {
      case 0 -> {
        long size = random.nextInt(4) == 0 ? at : at + random.nextInt(3 * blockBytes);
        names.change(nr, AttributeChange.NONE.withSizeBytes(size));
        model.resize(size);
      }
      case 1, 2 -> {
        long from = at + random.nextInt(blockBytes);
        long length = 1L + random.nextInt(15 * blockBytes);
        names.ranges().punch(nr, from, length);
        model.zero(from, Math.min(from + length, model.sizeBytes()));
      }
      case 3 -> {
        // Parts of blocks.
        long from = at + (long) SparseModel.CHUNK * random.nextInt(blockBytes / SparseModel.CHUNK);
        write(file, from, SparseModel.CHUNK * (1 + random.nextInt(20)), memory);
      }
      case 4 -> writeManyAtOnce(file, at, memory);
      default -> write(file, at, blockBytes * (1 + random.nextInt(16)), memory);
    }
  }

  private void write(Ext4File file, long position, int length, MemorySegment memory) {
    byte[] content = random(length);
    MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    assertEquals(length, file.io().write(position, memory.asSlice(0, length), 0));
    model.write(position, content);
  }

  /** Blocks in any order, all in flight together. */
  private void writeManyAtOnce(Ext4File file, long position, MemorySegment memory) {
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (int i = 15; i >= 0; i--) {
      if (random.nextInt(3) > 0) {
        byte[] content = random(blockBytes);
        long at = position + (long) i * blockBytes;
        MemorySegment part = memory.asSlice((long) i * blockBytes, blockBytes);
        MemorySegment.copy(content, 0, part, ValueLayout.JAVA_BYTE, 0, blockBytes);
        writes.add(file.io().writeAsync(at, part, 0).thenAccept(n -> assertEquals(blockBytes, n)));
        model.write(at, content);
      }
    }
    writes.forEach(CompletableFuture::join);
  }

  private byte[] random(int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    return content;
  }

  private void assertZones(Ext4File file, MemorySegment memory, int step) {
    for (long zone : zones) {
      long at = zone * blockBytes;
      int length = ZONE_BLOCKS * blockBytes;
      int count = (int) Math.max(0, file.io().read(at, memory.asSlice(0, length), 0));
      byte[] found = memory.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(model.read(at, length), found, "step " + step + ", seed " + SEED);
    }
  }

  /** The kernel reads what is there, and writes and cuts on its own. */
  private void exchangeWithKernel(Ext4Image image) throws Exception {
    if (!LoopMount.isPossible()) {
      return;
    }
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mnt"));
        RandomAccessFile file =
            new RandomAccessFile(mount.directory().resolve("file").toFile(), "rw")) {
      assertEquals(model.sizeBytes(), file.length());
      for (long zone : zones) {
        byte[] expected = model.read(zone * blockBytes, ZONE_BLOCKS * blockBytes);
        byte[] found = new byte[expected.length];
        file.seek(zone * blockBytes);
        file.readFully(found);
        assertArrayEquals(expected, found, "seed " + SEED);
        byte[] content = random(5 * blockBytes + 77);
        long at = zone * blockBytes + random.nextInt(20 * blockBytes);
        file.seek(at);
        file.write(content);
        model.write(at, content);
      }
      long size = model.sizeBytes() - random.nextInt(4 * blockBytes);
      file.setLength(size);
      model.resize(size);
    }
    image.assertClean();
  }

  private void remove(Ext4Image image, long free) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      volume.namespace().unlink(2, bytes("file"));
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(free, volume.freeBlocks());
    }
  }

  @Test
  void whatOnlyExtentsCanIsRefused() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M", "-t", "ext2");
    begin(image);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      long nr = volume.resolve("/file").inodeNr();
      try (Ext4File file = names.open(nr, true)) {
        assertErrno(Errno.EOPNOTSUPP, () -> file.fallocate(0, 100, false));
      }
      assertErrno(Errno.EOPNOTSUPP, () -> names.ranges().zero(nr, 0, 4096, true));
      assertErrno(Errno.EOPNOTSUPP, () -> names.ranges().collapse(nr, 0, 4096));
      assertErrno(Errno.EOPNOTSUPP, () -> names.ranges().insert(nr, 0, 4096));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 4096", "-b 1024 -O ^huge_file", "-b 4096 -O ^huge_file"})
  void sizesEndWhereTheKernelsDo(String options) throws Exception {
    String[] all = (options + " -O ^extents,^64bit").split(" ");
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M", all);
    begin(image);
    long max;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      long nr = volume.resolve("/file").inodeNr();
      boolean huge = volume.reader().has(dev.dioring.ext4lite.format.Feature.HUGE_FILE);
      max = BlockMap.fileBytesMax(blockBytes, huge);
      assertErrno(Errno.EFBIG, () -> names.change(nr, AttributeChange.NONE.withSizeBytes(max + 1)));
      try (Ext4File file = names.open(nr, true)) {
        MemorySegment memory = arena.allocate(blockBytes, 4096);
        assertEquals(-Errno.EFBIG, file.io().write(max, memory, 0));
        assertEquals(blockBytes, file.io().write(max - blockBytes, memory, 0));
      }
    }
    image.assertClean();
    if (LoopMount.isPossible()) {
      try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mnt"));
          RandomAccessFile file =
              new RandomAccessFile(mount.directory().resolve("file").toFile(), "rw")) {
        assertEquals(max, file.length());
        file.setLength(max - 1);
        file.setLength(max);
        assertThrows(java.io.IOException.class, () -> file.setLength(max + 1));
      }
    }
  }

  private interface Operation {
    void run() throws Exception;
  }

  private static void assertErrno(int errno, Operation operation) {
    assertEquals(errno, assertThrows(Ext4Exception.class, operation::run).errno());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
