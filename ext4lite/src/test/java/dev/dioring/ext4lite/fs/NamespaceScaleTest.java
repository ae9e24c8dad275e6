package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many files in one directory, full volumes, and many threads. */
class NamespaceScaleTest {
  private static final long SEED = 20261125;
  private static final int FILES = 20_000;
  private static final NewInode FILE = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
  private static final NewInode DIRECTORY = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -N 30000 -O ^has_journal",
        "-b 4096 -N 30000",
        "-b 1024 -N 30000 -O large_dir",
        "-b 1024 -N 30000 -O ^metadata_csum,uninit_bg,^has_journal"
      })
  void manyFilesInOneDirectory(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "96M", options.split(" "));
    List<byte[]> names = new ArrayList<>();
    Random random = new Random(SEED);
    for (int i = 0; i < FILES; i++) {
      names.add(bytes("file-" + "y".repeat(random.nextInt(60)) + i));
    }
    long many;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      many = namespace.makeDirectory(2, bytes("many"), DIRECTORY).inodeNr();
      for (byte[] name : names) {
        namespace.forget(namespace.create(many, name, FILE).inodeNr(), 1);
      }
      assertEquals(FILES + 2, list(namespace, many).size());
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      for (int i = 0; i < FILES; i++) {
        if (i % 7 != 0) {
          namespace.unlink(many, names.get(i));
        }
      }
      for (int i = 0; i < FILES; i += 7) {
        InodeAttributes found = namespace.lookup(many, names.get(i));
        assertNotNull(found, "seed " + SEED);
        namespace.forget(found.inodeNr(), 1);
      }
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      for (int i = 0; i < FILES; i += 7) {
        namespace.unlink(many, names.get(i));
      }
      namespace.removeDirectory(2, bytes("many"));
    }
    image.assertClean();
  }

  @Test
  void listingIsStableUnderChange() throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("disk.img"), "64M", "-b", "1024", "-N", "16000");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      for (int i = 0; i < 20; i++) {
        namespace.create(2, bytes("stays-" + i), FILE);
      }
      Set<String> seen = new HashSet<>();
      long[] cookie = {0};
      int[] room = {0};
      int added = 0;
      int before;
      do {
        before = seen.size();
        room[0] = 3;
        namespace.readDirectory(
            2,
            cookie[0],
            (inodeNr, kind, name, at) -> {
              if (room[0]-- == 0) {
                return false;
              }
              assertTrue(seen.add(new String(name, StandardCharsets.UTF_8)));
              cookie[0] = at;
              return true;
            });
        // The directory gets an index and its leaves are split while it is listed.
        for (int i = 0; i < 40; i++) {
          namespace.create(2, bytes("added-" + added++), FILE);
        }
      } while (seen.size() > before && seen.size() < 400);
      for (int i = 0; i < 20; i++) {
        boolean reached = seen.contains("stays-" + i) || seen.size() >= 400;
        assertTrue(reached, "stays-" + i);
      }
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024 -N 200", "-b 1024 -N 200 -O ^has_journal"})
  void noInodesLeft(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "8M", options.split(" "));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      long free = volume.usage().freeInodes();
      for (long i = 0; i < free; i++) {
        namespace.forget(namespace.create(2, bytes("file" + i), FILE).inodeNr(), 1);
      }
      Ext4Exception failure =
          assertThrows(Ext4Exception.class, () -> namespace.create(2, bytes("more"), FILE));
      assertEquals(Errno.ENOSPC, failure.errno());
      assertThrows(Ext4Exception.class, () -> namespace.makeDirectory(2, bytes("d"), DIRECTORY));
      namespace.unlink(2, bytes("file0"));
      namespace.create(2, bytes("more"), FILE);
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024 -N 6000", "-b 1024 -N 6000 -O ^has_journal"})
  void noBlocksLeft(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "8M", options.split(" "));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace namespace = volume.namespace();
      int made = 0;
      Ext4Exception failure = null;
      while (failure == null) {
        try {
          byte[] name = bytes("d" + made);
          namespace.forget(namespace.makeDirectory(2, name, DIRECTORY).inodeNr(), 1);
          made++;
        } catch (Ext4Exception e) {
          failure = e;
        }
      }
      assertEquals(Errno.ENOSPC, failure.errno());
      int last = made;
      assertThrows(
          Ext4Exception.class,
          () -> namespace.makeSymlink(2, bytes("s"), new byte[200], FILE),
          "after " + last);
      for (int i = 0; i < made; i += 2) {
        namespace.removeDirectory(2, bytes("d" + i));
      }
      for (int i = 0; i < made / 4; i++) {
        namespace.makeDirectory(2, bytes("again" + i), DIRECTORY);
      }
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 1024 -O ^has_journal"})
  void manyThreads(String options) throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("disk.img"), "128M", (options + " -N 40000").split(" "));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Ext4Namespace namespace = volume.namespace();
      List<Long> shared = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        shared.add(namespace.makeDirectory(2, bytes("shared" + i), DIRECTORY).inodeNr());
      }
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Random random = new Random(SEED + i);
        work.add(
            () -> {
              for (int step = 0; step < 600; step++) {
                randomStep(namespace, shared, random);
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
    image.assertClean();
  }

  private static void randomStep(Ext4Namespace namespace, List<Long> shared, Random random) {
    long parent = shared.get(random.nextInt(shared.size()));
    long other = shared.get(random.nextInt(shared.size()));
    byte[] name = bytes("n" + random.nextInt(60));
    byte[] otherName = bytes("n" + random.nextInt(60));
    try {
      switch (random.nextInt(8)) {
        case 0 -> namespace.forget(namespace.create(parent, name, FILE).inodeNr(), 1);
        case 1 -> namespace.forget(namespace.makeDirectory(parent, name, DIRECTORY).inodeNr(), 1);
        case 2 -> namespace.unlink(parent, name);
        case 3 -> namespace.removeDirectory(parent, name);
        case 4, 5 -> namespace.rename(parent, name, other, otherName, random.nextInt(3));
        case 6 -> list(namespace, parent);
        default -> {
          InodeAttributes found = namespace.lookup(parent, name);
          if (found != null && found.kind() == FileKind.DIRECTORY) {
            namespace.rename(other, otherName, found.inodeNr(), name, 0);
          }
        }
      }
    } catch (Ext4Exception e) {
      List<Integer> allowed =
          List.of(
              Errno.ENOENT,
              Errno.EEXIST,
              Errno.EISDIR,
              Errno.ENOTDIR,
              Errno.ENOTEMPTY,
              Errno.EINVAL);
      if (!allowed.contains(e.errno())) {
        throw new AssertionError("seed " + SEED, e);
      }
    }
  }

  private static List<String> list(Ext4Namespace namespace, long inodeNr) throws Ext4Exception {
    List<String> names = new ArrayList<>();
    namespace.readDirectory(
        inodeNr,
        0,
        (childNr, kind, name, cookie) -> names.add(new String(name, StandardCharsets.UTF_8)));
    return names;
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
