package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of many extents and of all levels of a block map lose exactly what lies behind the cut. */
class TruncateTest {
  private static final long SEED = 5;
  private static final int BLOCK = 1024;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-O ^has_journal", "-t ext2", "-O ^has_journal,^metadata_csum,^64bit"})
  void cutsAnywhere(String options) throws Exception {
    Ext4Image image =
        Ext4Image.make(
            directory.resolve("image"), "24M", ("-b 1024 -g 1024 " + options).split(" ", -1));
    byte[] before = new byte[2048 * BLOCK];
    long far = BLOCK * (12L + 256 + 65536 + 700);
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mounted"))) {
      Path file = mount.directory().resolve("file");
      Random random = new Random(SEED);
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        byte[] block = new byte[BLOCK];
        for (int at = 0; at < 2000; at += 1 + random.nextInt(3)) {
          random.nextBytes(block);
          System.arraycopy(block, 0, before, at * BLOCK, BLOCK);
          out.seek((long) at * BLOCK);
          out.write(block);
        }
        out.seek(far);
        out.write(new byte[600 * BLOCK]);
      }
      Files.writeString(mount.directory().resolve("other"), "stays".repeat(3000));
    }
    long[] cuts = {
      far + 300 * BLOCK, far, 70_000L * BLOCK, 1500 * BLOCK, 300 * BLOCK + 1, 5 * BLOCK, 0
    };
    for (long size : cuts) {
      try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
        cut(volume, size);
      }
      image.assertClean();
      try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mounted"))) {
        byte[] left = new byte[before.length];
        try (RandomAccessFile in =
            new RandomAccessFile(mount.directory().resolve("file").toFile(), "r")) {
          assertEquals(size, in.length());
          in.read(left);
        }
        int kept = (int) Math.min(size, before.length);
        assertEquals(-1, Arrays.mismatch(Arrays.copyOf(before, kept), Arrays.copyOf(left, kept)));
        assertEquals("stays".repeat(3000), Files.readString(mount.directory().resolve("other")));
      }
    }
    assertEquals("0", image.debugfs("stat file").replaceAll("(?s).*Blockcount: (\\d+).*", "$1"));
  }

  private static void cut(Ext4Volume volume, long sizeBytes) throws Exception {
    long inodeNr = volume.resolve("/file").inodeNr();
    LiveInode live = volume.reader().inodes().acquire(inodeNr);
    InodeBlock owner = live.block();
    try (Handle handle = volume.context().journal().start(1)) {
      handle.access(owner.buffer());
      owner.inode().size(sizeBytes);
      owner.changed(handle);
    }
    new Truncate(volume.context(), owner, live.tree(), volume.allocator())
        .run(Math.ceilDiv(sizeBytes, BLOCK));
    volume.reader().inodes().release(live);
  }
}
