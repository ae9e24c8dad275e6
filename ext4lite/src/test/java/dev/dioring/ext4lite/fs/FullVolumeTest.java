package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A volume without a free block: what was promised is kept, and what is refused leaves no trace.
 */
class FullVolumeTest {
  private static final int BLOCK = 1024;

  @TempDir Path directory;
  private Path content = Path.of("");

  @BeforeEach
  void makeContent() throws Exception {
    content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    Files.createFile(content.resolve("other"));
  }

  /** Every second block of a large unwritten extent: the tree needs blocks when none is free. */
  @ParameterizedTest
  @ValueSource(strings = {"-O ^has_journal", "-J size=1"})
  void preallocatedBlocksCanBeWritten(String options) throws Exception {
    Ext4Image image =
        Ext4Image.populated(
            directory.resolve("disk.img"),
            "12M",
            content,
            ("-b 1024 -m 0 " + options).split(" ", -1));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(volume.resolve("/file"), true);
        Ext4File other = volume.openFile(volume.resolve("/other"), true);
        Arena arena = Arena.ofShared()) {
      fill(volume, file);
      MemorySegment memory = arena.allocate(BLOCK, 4096);
      memory.fill((byte) 7);
      assertEquals(-Errno.ENOSPC, other.io().write(0, memory, 0));
      for (long at = 0; at + 2 * BLOCK <= file.sizeBytes(); at += 2 * BLOCK) {
        assertEquals(BLOCK, file.io().write(at, memory, 0), "at " + at);
      }
      file.sync(true);
      assertEquals(0, other.sizeBytes());
    }
    image.assertClean();
  }

  /** Preallocates until nothing is left for content. */
  private static void fill(Ext4Volume volume, Ext4File file) throws Exception {
    long available = volume.usage().availableBlocks() * BLOCK;
    assertTrue(available > 0);
    Ext4Exception e =
        assertThrows(Ext4Exception.class, () -> file.fallocate(0, available * 2, true));
    assertEquals(Errno.ENOSPC, e.errno());
    assertEquals(0, volume.usage().availableBlocks());
    long size = available / (2 * BLOCK) * BLOCK;
    file.fallocate(0, size, false);
    assertEquals(size, file.sizeBytes());
  }
}
