package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Renames that lock the same directories, some as parents and some as what is renamed. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RenameRaceTest {
  private static final int STEPS = 20_000;
  private static final byte[] A = FileName.encode("a");
  private static final byte[] B = FileName.encode("b");
  private static final byte[] FILE = FileName.encode("file");

  @TempDir Path directory = Path.of("");

  private interface Step {
    void run(int number) throws IOException;
  }

  @Test
  void anExchangeOfDirectoriesDoesNotWaitForARenameBetweenThem() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
      long a = names.makeDirectory(Ext4Inode.ROOT_NR, A, spec).inodeNr();
      long b = names.makeDirectory(Ext4Inode.ROOT_NR, B, spec).inodeNr();
      names.create(a, FILE, NewInode.of(FileKind.REGULAR, 0644, 0, 0));
      Future<?> moves =
          submit(
              threads,
              number ->
                  names.rename(number % 2 == 0 ? a : b, FILE, number % 2 == 0 ? b : a, FILE, 0));
      Future<?> exchanges =
          submit(
              threads,
              number ->
                  names.rename(
                      Ext4Inode.ROOT_NR, A, Ext4Inode.ROOT_NR, B, Ext4Namespace.RENAME_EXCHANGE));
      moves.get();
      exchanges.get();
      assertNotNull(names.lookup(a, FILE));
    }
    image.assertClean();
  }

  private static Future<?> submit(ExecutorService threads, Step step) {
    return threads.submit(
        () -> {
          for (int number = 0; number < STEPS; number++) {
            step.run(number);
          }
          return null;
        });
  }
}
