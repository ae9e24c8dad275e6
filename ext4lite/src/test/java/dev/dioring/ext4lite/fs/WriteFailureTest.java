package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata that cannot be written turns the volume read-only, and the superblock says why. */
class WriteFailureTest {
  private static final int FILE_BYTES = 1 << 20;
  private static final int SUPERBLOCK_END = 4096;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024 -J size=1", "-b 4096 -O ^has_journal"})
  void aFailureIsRecordedAndStopsAllChanges(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    Ext4Image image =
        Ext4Image.populated(directory.resolve("disk.img"), "16M", content, options.split(" "));
    MemoryBlockDevice memory = Recoveries.device(image.bytes());
    FaultyBlockDevice device = new FaultyBlockDevice(memory);
    Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
    Ext4File file = volume.openFile(volume.resolve("/file"), true);
    file.fallocate(0, FILE_BYTES, false);
    file.sync(false);
    file.fallocate(FILE_BYTES, FILE_BYTES, false);
    // The superblock's block, and a journal's, can still be written.
    device.failWhere(
        request ->
            request.op() == BlockOp.WRITE
                && request.byteOffset() >= SUPERBLOCK_END
                && request.lengthBytes() != 1024,
        Errno.EIO);
    assertThrows(IOException.class, () -> file.sync(false));
    Ext4Exception refused =
        assertThrows(Ext4Exception.class, () -> file.fallocate(0, 4L * FILE_BYTES, false));
    assertEquals(Errno.EROFS, refused.errno());
    device.failWhere(null, 0);
    byte[] left = Recoveries.content(memory);
    closeIgnoringFailure(volume);
    Path crashed = Files.write(directory.resolve("crashed.img"), left);
    Ext4Image found = Ext4Image.of(crashed);
    assertTrue(String.valueOf(found.header().get("Filesystem state")).contains("with errors"));
    assertEquals("1", found.header().get("FS Error count"));
    assertEquals("journal_commit", found.header().get("First error function"));
    assertEquals("journal_commit", found.header().get("Last error function"));
    found.settle();
    found.assertClean();
    assertTrue(found.debugfs("stat /file").contains("Size: " + FILE_BYTES));
  }

  private static void closeIgnoringFailure(Ext4Volume volume) {
    try {
      volume.close();
    } catch (IOException e) {
      // What it could not write is the point of the test.
    }
  }
}
