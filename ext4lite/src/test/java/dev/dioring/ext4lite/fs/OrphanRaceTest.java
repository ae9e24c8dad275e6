package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that lose or get names while they are cut: those without are among the orphans. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OrphanRaceTest {
  private static final int ROUNDS = 3000;
  private static final byte[] NAME = FileName.encode("file");
  private static final byte[] OTHER = FileName.encode("other");

  @TempDir Path directory = Path.of("");

  private interface Step {
    void run() throws IOException;
  }

  @Test
  void whatHasNoNameIsAnOrphanAndWhatHasOneIsNot() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      for (int round = 0; round < ROUNDS; round++) {
        long file = names.create(Ext4Inode.ROOT_NR, NAME, spec).inodeNr();
        AttributeChange cut = AttributeChange.NONE.withSizeBytes(4096L);
        AttributeChange cutMore = AttributeChange.NONE.withSizeBytes(0L);
        names.change(file, cut);
        race(other, () -> names.change(file, cutMore), () -> names.unlink(Ext4Inode.ROOT_NR, NAME));
        assertEquals(file, volume.superblock().lastOrphanInodeNr(), "round " + round);
        names.link(file, Ext4Inode.ROOT_NR, NAME);
        race(
            other,
            () -> names.link(file, Ext4Inode.ROOT_NR, OTHER),
            () -> names.unlink(Ext4Inode.ROOT_NR, NAME));
        assertEquals(0, volume.superblock().lastOrphanInodeNr(), "round " + round);
        names.unlink(Ext4Inode.ROOT_NR, OTHER);
        names.forget(file, 4);
      }
    }
    image.assertClean();
  }

  private static void race(ExecutorService other, Step one, Step two) throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    Future<?> second =
        other.submit(
            () -> {
              start.await();
              two.run();
              return null;
            });
    start.await();
    one.run();
    second.get();
  }
}
