package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Free blocks are discarded: as many as the kernel finds, and none that is in use. */
class TrimTest {
  private static final long SEED = 20261127;
  private static final int FILES = 60;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -O ^has_journal",
        "-b 1024 -O bigalloc -C 8192",
        "-b 1024 -O ^metadata_csum,uninit_bg -g 4096"
      })
  void asMuchAsTheKernelTrims(String options) throws Exception {
    Ext4Image image = populated(options);
    byte[] before = image.bytes();
    Path copy = Files.copy(image.file(), directory.resolve("copy.img"));
    // The image has no holes now.
    Files.write(image.file(), before, StandardOpenOption.WRITE);
    long least = 64 << 10;
    long trimmed;
    long usedBytes = allocatedBytes(image.file());
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      trimmed = volume.trim(0, Long.MAX_VALUE, least, () -> false);
      long free = volume.freeBlocks() * volume.context().groups().blockSizeBytes();
      assertTrue(trimmed > 0 && trimmed <= free, trimmed + " of " + free);
      volume.sync();
    }
    image.assertClean();
    assertTrue(allocatedBytes(image.file()) <= usedBytes - trimmed + (1 << 20));
    if (LoopMount.isPossible()) {
      try (LoopMount mount = LoopMount.writable(copy, directory.resolve("mnt"))) {
        String said =
            ExternalTool.run("fstrim", "-v", "-m", "" + least, mount.directory().toString());
        assertTrue(said.contains("(" + trimmed + " bytes)"), trimmed + ", but the kernel: " + said);
      }
      try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mnt"))) {
        for (int i = 1; i < FILES; i += 2) {
          byte[] expected = Files.readAllBytes(directory.resolve("content/file" + i));
          byte[] found = Files.readAllBytes(mount.directory().resolve("file" + i));
          assertArrayEquals(expected, found, "file" + i);
        }
      }
    }
  }

  @Test
  void aRangeIsKept() throws Exception {
    Ext4Image image = populated("-b 1024 -g 4096");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      long all = volume.trim(0, Long.MAX_VALUE, 0, () -> false);
      long size = volume.context().groups().blocksCount() * 1024;
      long parts = 0;
      for (long at = 0; at < size; at += 3_000_000) {
        parts += volume.trim(at / 1024 * 1024, 3_000_000 / 1024 * 1024, 0, () -> false);
      }
      assertTrue(parts > all - size / 100 && parts <= all, parts + " of " + all);
      assertEquals(Errno.EINVAL, errno(volume, size, 1024, 0));
      assertEquals(Errno.EINVAL, errno(volume, 0, 1023, 0));
      assertEquals(Errno.EINVAL, errno(volume, 0, size, 4097 * 1024));
    }
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(Errno.EROFS, errno(volume, 0, 1 << 20, 0));
    }
    image.assertClean();
  }

  private static int errno(Ext4Volume volume, long offset, long length, long least) {
    return assertThrows(Ext4Exception.class, () -> volume.trim(offset, length, least, () -> false))
        .errno();
  }

  /** Every second file is removed again, by us. */
  private Ext4Image populated(String options) throws Exception {
    Random random = new Random(SEED);
    Path content = Files.createDirectory(directory.resolve("content"));
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[1 + random.nextInt(200_000)];
      random.nextBytes(bytes);
      Files.write(content.resolve("file" + i), bytes);
    }
    Ext4Image image =
        Ext4Image.populated(directory.resolve("disk.img"), "48M", content, options.split(" ", -1));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      for (int i = 0; i < FILES; i += 2) {
        volume.namespace().unlink(Ext4Inode.ROOT_NR, FileName.encode("file" + i));
      }
    }
    return image;
  }

  private static long allocatedBytes(Path file) throws Exception {
    String[] fields =
        ExternalTool.run("stat", "-c", "%b %B", file.toString()).strip().split(" ", 2);
    return Arrays.stream(fields).mapToLong(Long::parseLong).reduce(1, (a, b) -> a * b);
  }
}
