package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Opening images: what is refused, why, and what is said about it. Nothing is written. */
class OpenVolumeTest {
  private static final int SUPERBLOCK = 1024;
  private static final int STATE = SUPERBLOCK + 0x3a;
  private static final int INCOMPAT = SUPERBLOCK + 0x60;
  private static final int RO_COMPAT = SUPERBLOCK + 0x64;

  private @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("disk.img");
  }

  @Test
  void missingEmptyAndForeignFilesAreRefused() throws Exception {
    assertEquals(Errno.ENOENT, refused().errno());
    Files.createFile(file);
    assertMessage(refused(), Errno.EMEDIUMTYPE, "it is empty");
    Files.write(file, new byte[100_000]);
    assertMessage(refused(), Errno.EMEDIUMTYPE, "it is not an ext4 image");
    Files.write(file, new byte[600]);
    assertMessage(refused(), Errno.EMEDIUMTYPE, "it is not an ext4 image");
  }

  @Test
  void directoriesAreRefused() {
    IOException e =
        assertThrows(
            IOException.class, () -> Ext4Volume.open(directory, VolumeOptions.READ_ONLY).close());
    assertTrue(String.valueOf(e.getMessage()).contains("directory"), e.getMessage());
  }

  @Test
  void truncatedImagesAreRefused() throws Exception {
    Ext4Image.make(file, "8M", "-b", "1024");
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength((8 << 20) - 4096);
    }
    assertMessage(refused(), Errno.EUCLEAN, "the image is truncated", "8388608", "8384512");
  }

  @ParameterizedTest
  @CsvSource({
    "-b 1024, 16M, e2fsck -b 8193 -B 1024",
    "-b 2048, 64M, e2fsck -b 16384 -B 2048",
    "-b 4096, 256M, e2fsck -b 32768 -B 4096",
    "-b 1024 -g 1024 -O ^resize_inode, 8M, e2fsck -b 1025 -B 1024",
    "-b 4096 -O bigalloc -C 16384, 1G, e2fsck -b 131072 -B 4096",
  })
  void goodBackupsOfCorruptSuperblocksAreNamed(String options, String size, String advice)
      throws Exception {
    Ext4Image.make(file, size, options.split(" ", -1));
    patch(SUPERBLOCK + 0x78, 'X');
    assertMessage(refused(), Errno.EUCLEAN, "superblock: checksum", advice);
    patch(SUPERBLOCK + 0x38, 0);
    assertMessage(refused(), Errno.EUCLEAN, "its superblock is corrupt", advice);
    String[] words = advice.split(" ", -1);
    Ext4Image.of(file).settle(words[1], words[2], words[3], words[4]);
    Ext4Volume.open(file, VolumeOptions.READ_ONLY).close();
  }

  @Test
  void unsupportedIncompatibleFeaturesAreNamed() throws Exception {
    Ext4Image.make(file, "2M", "-O", "^metadata_csum,^has_journal");
    or(INCOMPAT, 0x0800_1001);
    assertMessage(
        refused(),
        Errno.EOPNOTSUPP,
        "features that ext4lite does not support: compression, dirdata, FEATURE_I27");
  }

  @Test
  void journalDevicesAreNotVolumes() throws Exception {
    Ext4Image.make(file, "4M", "-O", "journal_dev", "-b", "1024");
    assertMessage(refused(), Errno.EOPNOTSUPP, "journal_dev");
  }

  @Test
  void unknownReadOnlyFeaturesForbidWritingOnly() throws Exception {
    Ext4Image.make(file, "2M", "-O", "^metadata_csum,^has_journal");
    or(RO_COMPAT, 0x4000_5000);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      assertFalse(volume.isWritable());
      assertEquals(
          "writing is not supported with the features read-only, shared_blocks, FEATURE_R30",
          volume.readOnlyReason());
      assertTrue(volume.root().isDirectory());
    }
  }

  @Test
  void journalsOfDataForbidWriting() throws Exception {
    Ext4Image.make(file, "8M");
    ExternalTool.run("tune2fs", "-o", "journal_data", file.toString());
    byte[] before = Files.readAllBytes(file);
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_WRITE)) {
      assertTrue(volume.readOnlyReason().contains("data=journal"), volume.readOnlyReason());
      Ext4Exception e = assertThrows(Ext4Exception.class, () -> volume.openFile(8, true).close());
      assertEquals(Errno.EROFS, e.errno());
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void imagesThatNeedRecoveryAreReadWithoutItWhenAskedFor() throws Exception {
    Ext4Image.make(file, "8M", "-O", "^metadata_csum");
    or(INCOMPAT, 4);
    patch(STATE, 0);
    byte[] before = Files.readAllBytes(file);
    VolumeOptions options = VolumeOptions.READ_WRITE.withNoLoad(true);
    try (Ext4Volume volume = Ext4Volume.open(file, options)) {
      assertFalse(volume.isWritable());
      assertTrue(volume.warnings().toString().contains("journal was not replayed"));
      assertTrue(volume.warnings().toString().contains("not unmounted cleanly"));
    }
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      assertTrue(volume.warnings().toString().contains("in memory only: 0 blocks"));
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void brokenJournalsOfImagesThatNeedThemAreRefusedByName() throws Exception {
    Ext4Image image = Ext4Image.make(file, "8M", "-b", "1024", "-O", "^metadata_csum");
    or(INCOMPAT, 4);
    String answer = image.debugfs("bmap <8> 0");
    String start = answer.lines().filter(l -> l.matches("\\d+")).findFirst().orElseThrow();
    long journal = 1024 * Long.parseLong(start);
    for (int[] change :
        new int[][] {{0, 0x55}, {0x0c, 0x10}, {0x10, 0x7f}, {0x14, 0xff}, {0x1e, 0xff}}) {
      byte[] before = Files.readAllBytes(file);
      patch(journal + change[0], change[1]);
      assertMessage(refused(), Errno.EUCLEAN, "journal superblock", "e2fsck");
      Files.write(file, before);
    }
    patch(journal + 7, 4);
    patch(journal + 0x28, 0x40);
    assertMessage(refused(), Errno.EOPNOTSUPP, "journal has features", "FEATURE_I30");
    patch(journal + 0x28, 0);
    patch(SUPERBLOCK + 0xe0, 0);
    assertMessage(refused(), Errno.EOPNOTSUPP, "journal is on another device");
  }

  @Test
  void corruptDescriptorsAndRootsAreRefusedBeforeAnythingIsWritten() throws Exception {
    Ext4Image.make(file, "4M", "-b", "1024", "-O", "^has_journal,^resize_inode");
    patch(2048 + 4, 1);
    byte[] before = Files.readAllBytes(file);
    assertMessage(refused(), Errno.EUCLEAN, "descriptor of group 0: checksum", "e2fsck");
    assertArrayEquals(before, Files.readAllBytes(file));

    Files.delete(file);
    Ext4Image.make(file, "4M", "-b", "1024", "-O", "^has_journal,^metadata_csum")
        .debugfsWrite("set_inode_field <2> mode 0100755");
    before = Files.readAllBytes(file);
    assertMessage(refused(), Errno.EUCLEAN, "kind of the root");
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void descriptorsThatPointOutsideTheVolumeAreRefused() throws Exception {
    Ext4Image.make(file, "4M", "-b", "1024", "-O", "^has_journal,^metadata_csum,^uninit_bg");
    patch(2048 + 10, 0x7f);
    assertMessage(refused(), Errno.EUCLEAN, "descriptor of group 0: bg_inode_table", "within");
  }

  @Test
  void usageIsThatOfTheKernel() throws Exception {
    Ext4Image image = Ext4Image.make(file, "64M", "-b", "1024");
    try (Ext4Volume volume = Ext4Volume.open(file, VolumeOptions.READ_ONLY)) {
      VolumeUsage usage = volume.usage();
      Map<String, String> header = image.header();
      assertEquals(header.get("Free blocks"), Long.toString(usage.freeBlocks()));
      assertEquals(header.get("Free inodes"), Long.toString(usage.freeInodes()));
      assertEquals(header.get("Inode count"), Long.toString(usage.inodes()));
      if (LoopMount.isPossible()) {
        try (LoopMount mount = LoopMount.readOnly(file, directory.resolve("mounted"))) {
          FileStore store = Files.getFileStore(mount.directory());
          assertEquals(store.getTotalSpace(), usage.blocks() * usage.blockSizeBytes());
          assertEquals(store.getUnallocatedSpace(), usage.freeBlocks() * usage.blockSizeBytes());
        }
      }
    }
  }

  private FailureFacts refused() {
    IOException e =
        assertThrows(
            IOException.class, () -> Ext4Volume.open(file, VolumeOptions.READ_WRITE).close());
    int errno =
        switch (e) {
          case Ext4Exception known -> known.errno();
          case BlockIoException known -> known.errno();
          default -> throw new AssertionError("unexpected", e);
        };
    return new FailureFacts(errno, String.valueOf(e.getMessage()));
  }

  private record FailureFacts(int errno, String message) {}

  private void assertMessage(FailureFacts failure, int errno, String... parts) {
    assertEquals(errno, failure.errno, failure.message);
    assertTrue(failure.message.contains(file.toString()), failure.message);
    assertFalse(failure.message.contains("\n"), failure.message);
    for (String part : parts) {
      assertTrue(failure.message.contains(part), failure.message + " lacks " + part);
    }
  }

  private void patch(long at, int value) throws IOException {
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.seek(at);
      image.write(value);
    }
  }

  private void or(long at, int bits) throws IOException {
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.seek(at);
      int word = Integer.reverseBytes(image.readInt());
      image.seek(at);
      image.writeInt(Integer.reverseBytes(word | bits));
    }
  }
}
