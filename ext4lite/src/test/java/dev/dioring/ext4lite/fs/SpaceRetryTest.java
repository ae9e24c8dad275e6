package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.journal.Journal;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What found no space is tried again as long as a commit may bring some. */
class SpaceRetryTest {
  private static final long ROOT = 2;

  @TempDir Path directory;

  /** As others free space and take it before the next try gets there. */
  @ParameterizedTest
  @ValueSource(strings = {"has_journal", "^has_journal"})
  void triesGoOnWhileOthersChange(String feature) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M", "-O", feature);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Journal journal = volume.context().journal();
      AtomicInteger tries = new AtomicInteger();
      change(volume, "first");
      int needed =
          SpaceRetry.after(
              full(),
              journal,
              () -> {
                assertTrue(journal.isClean(), "what was freed is to be had");
                int number = tries.incrementAndGet();
                if (number < 4) {
                  change(volume, "file" + number);
                  throw full();
                }
                return number;
              });
      assertEquals(4, needed);
    }
    image.assertClean();
  }

  @Test
  void aFullVolumeThatNobodyChangesIsTriedOnceMore() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Journal journal = volume.context().journal();
      journal.settle();
      AtomicInteger tries = new AtomicInteger();
      NoSpaceException unused =
          assertThrows(
              NoSpaceException.class,
              () ->
                  SpaceRetry.after(
                      full(),
                      journal,
                      () -> {
                        tries.incrementAndGet();
                        throw full();
                      }));
      assertEquals(1, tries.get());
    }
  }

  private static NoSpaceException full() {
    return new NoSpaceException(8, 3, 0);
  }

  private static void change(Ext4Volume volume, String name) throws IOException {
    NewInode regular = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    long inodeNr = volume.namespace().create(ROOT, name.getBytes(UTF_8), regular).inodeNr();
    volume.namespace().forget(inodeNr, 1);
  }
}
