package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ordinary programs do to a mounted image has the same result as on the kernel's mount. */
class MountWriteTest {
  private static final String TREE =
      "find . -path ./lost+found -prune -o -type d -printf '%P %y %#m %n %U %G\\n'"
          + " -o -printf '%P %y %#m %n %U %G %s %l\\n' | sort;"
          + " find . -type f -print0 | sort -z | xargs -0 sha256sum;"
          + " find . | sort | xargs -d '\\n' getfattr -hd -m -";

  /** The same commands everywhere; each line must succeed. */
  private static final String WORK =
      """
      set -e
      echo hello > f; echo world >> f; grep -q world f
      mkdir -p d/e/f; ln f d/hard; ln -s ../f d/soft; cat d/soft > /dev/null
      mv f d/moved; mv d/e other; mkfifo fifo; mknod null c 1 3; mknod disk b 259 70000
      seq 100000 > numbers
      dd if=numbers of=copy bs=777 status=none
      dd if=numbers of=copy bs=100 count=7 seek=33 conv=notrunc status=none
      dd if=numbers of=direct bs=64k oflag=direct status=none
      truncate -s 3 d/hard; truncate -s 100001 d/hard; truncate -s 12345 numbers
      truncate -s 20M sparse; echo end >> sparse
      fallocate -l 3M unwritten
      dd if=copy of=unwritten bs=4k count=17 seek=40 oflag=direct conv=notrunc status=none
      dd if=copy of=unwritten bs=1000 count=3 seek=1000 conv=notrunc status=none
      chmod 4711 copy; chown 70000:3000000000 numbers; touch -d '2040-05-06 07:08:09.123' numbers
      for i in $(seq 500); do echo $i > d/name-that-is-not-short-$i; done
      rm d/name-that-is-not-short-1??; rmdir other/f
      mkdir set; chmod 2775 set; chown 0:500 set; mkdir set/sub; touch set/file
      cp -a d d2; mv d2/moved d2/name-that-is-not-short-7
      exec 3> gone; rm gone; echo written >&3; exec 3>&-
      """;

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @ParameterizedTest
  @CsvSource({
    "uring, -b 4096",
    "nouring, -b 4096",
    "writeback_cache, -b 4096",
    "uring, -t ext3",
    "writeback_cache, -t ext2 -b 4096",
    "uring, '-O inline_data,ea_inode -b 4096'",
    "writeback_cache, -O inline_data -I 512 -b 4096",
  })
  void workHasTheSameResultAsOnTheKernels(String option, String format) throws Exception {
    Ext4Image ours = Ext4Image.make(temp.resolve("ours"), "64M", format.split(" "));
    Ext4Image kernels = Ext4Image.make(temp.resolve("kernels"), "64M", format.split(" "));
    // Block maps know no unwritten blocks.
    boolean extents = !format.startsWith("-t ext");
    String work = extents ? WORK : WORK.replace("fallocate -l", "truncate -s");
    String expected;
    try (LoopMount mount = LoopMount.writable(kernels.file(), temp.resolve("kernel-mount"))) {
      ExternalTool.run("sh", "-c", "cd " + mount.directory() + "\n" + work);
      expected = ExternalTool.run("sh", "-c", "cd " + mount.directory() + " && " + TREE);
    }
    try (MountedImage mount = MountedImage.mount(ours.file(), temp.resolve("our-mount"), option)) {
      mount.run("true\n" + work);
      assertEquals(expected, mount.run(TREE), "seen through our mount");
    }
    ours.assertClean();
    try (LoopMount mount = LoopMount.readOnly(ours.file(), temp.resolve("check"))) {
      assertEquals(
          expected,
          ExternalTool.run("sh", "-c", "cd " + mount.directory() + " && " + TREE),
          "seen by the kernel");
    }
  }

  /** With a writeback cache the kernel keeps size and times, and has to tell us in the end. */
  @Test
  void timesAndSizesOfAWritebackCacheAreStored() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    String show = "stat -c '%n %s %.9Y %.9Z' written appended dated; cat appended";
    String shown;
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), "writeback_cache")) {
      mount.run(
          "head -c 123457 /dev/zero > written; echo one > appended; echo two >> appended;"
              + " sync appended; echo three >> appended;"
              + " echo old > dated; touch -d '2001-02-03 04:05:06.789' dated");
      shown = mount.run(show);
    }
    image.assertClean();
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), "ro")) {
      assertEquals(shown, mount.run(show));
    }
  }

  /** What waits in memory counts as space, and what the kernel was told then is not kept. */
  @Test
  void contentInHolesTakesSpaceAtOnceAndAfterwards() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M", "-b", "4096");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("truncate -s 1M inside; head -c 4096 /dev/zero > whole");
      mount.run("dd if=/dev/zero of=inside bs=4k count=2 seek=64 conv=notrunc status=none");
      mount.run("dd if=/dev/zero of=behind bs=4k count=2 seek=64 status=none");
      mount.run("dd if=/dev/zero of=whole bs=4k count=2 conv=notrunc status=none");
      String show = "stat -c '%n %b' inside behind whole";
      String expected = "inside 16\nbehind 16\nwhole 16";
      assertEquals(expected, mount.run(show).strip());
      mount.run(
          "for i in 0 2 4 6; do dd if=/dev/zero of=torn bs=4k count=1 seek=$i status=none"
              + " oflag=direct conv=notrunc; done");
      mount.run("dd if=/dev/zero of=torn bs=4k count=1 seek=20 conv=notrunc status=none");
      assertEquals("40", mount.run("stat -c %b torn").strip(), "without its index");
      mount.run("sync inside behind whole torn");
      assertEquals(expected, mount.run(show).strip());
      assertEquals("48", mount.run("stat -c %b torn").strip(), "with it");
    }
    image.assertClean();
  }

  /** Neighbours in one block are written by different threads: none may undo another's bytes. */
  @Test
  void unalignedWritersDoNotDisturbEachOther() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    int threads = 16;
    int piece = 700;
    int rounds = 20;
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      Path file = mount.directory().resolve("file");
      Files.createFile(file);
      List<Thread> writers = new ArrayList<>();
      List<IOException> failures = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int number = t;
        writers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                        for (int round = 0; round < rounds; round++) {
                          out.seek((long) (round * threads + number) * piece);
                          out.write(pattern(round * threads + number, piece));
                        }
                      } catch (IOException e) {
                        synchronized (failures) {
                          failures.add(e);
                        }
                      }
                    }));
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertEquals(List.of(), failures);
    }
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), "ro")) {
      byte[] all = Files.readAllBytes(mount.directory().resolve("file"));
      assertEquals(threads * piece * rounds, all.length);
      for (int i = 0; i < threads * rounds; i++) {
        byte[] part = java.util.Arrays.copyOfRange(all, i * piece, (i + 1) * piece);
        assertArrayEquals(pattern(i, piece), part, "piece " + i);
      }
    }
    image.assertClean();
  }

  @Test
  void volumeThatIsFullSaysSoAndStaysClean() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "8M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      ExternalTool.Outcome outcome = mount.tryRun("dd if=/dev/zero of=big bs=64k");
      assertTrue(outcome.output().contains("No space left on device"), outcome.output());
      mount.run("rm big && dd if=/dev/zero of=again bs=64k count=16 status=none");
    }
    image.assertClean();
  }

  private static byte[] pattern(int number, int length) {
    byte[] bytes = new byte[length];
    new Random(number).nextBytes(bytes);
    return bytes;
  }
}
