package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where blocks come from: files that grow side by side, and volumes that are full. */
class AllocatorTest {
  private static final long SEED = 20261125;
  private static final int WRITERS = 8;
  private static final int PART = 64 << 10;
  private static final int PARTS = 128;

  @TempDir Path directory;

  @Test
  void filesThatGrowSideBySideStayContiguous() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "256M", "-b", "4096");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(PART, 4096);
      List<Ext4File> files = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        files.add(volume.openFile(create(volume, "file" + i), true));
      }
      for (int part = 0; part < PARTS; part++) {
        for (Ext4File file : files) {
          assertEquals(PART, file.io().write((long) part * PART, memory, 0));
        }
      }
      for (Ext4File file : files) {
        file.close();
      }
    }
    image.assertClean();
    for (int i = 0; i < WRITERS; i++) {
      int extents = extents(image, "file" + i);
      assertTrue(extents <= 12, "file" + i + " has " + extents + " extents");
    }
  }

  private static int extents(Ext4Image image, String name) throws Exception {
    String extents = image.debugfs("stat " + name);
    String list = extents.substring(extents.indexOf("EXTENTS:") + 8);
    return (int) list.chars().filter(c -> c == ':').count();
  }

  /** What is left when everything else is taken is found, though windows are open on it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 1024 -O ^has_journal",
        "-b 1024 -J size=1",
        "-b 4096",
        "-b 1024 -O bigalloc,quota -C 4096",
        "-t ext3 -b 1024 -O ^has_journal",
        "-b 1024 -O ^metadata_csum,uninit_bg -J size=1 -m 0"
      })
  void theLastBlockIsFoundAndNothingIsHalfDone(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "40M", options.split(" ", -1));
    Random random = new Random(SEED);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      long free = volume.usage().availableBlocks() + rootBlocks(volume);
      fill(volume, random);
      assertEquals(0, volume.usage().availableBlocks(), "seed " + SEED);
      empty(volume);
      volume.sync();
      volume.context().journal().settle();
      assertEquals(free, volume.usage().availableBlocks() + rootBlocks(volume), "seed " + SEED);
      fill(volume, random);
      assertEquals(0, volume.usage().availableBlocks(), "seed " + SEED);
    }
    image.assertClean();
  }

  /** The root keeps the blocks it has grown by. */
  private static long rootBlocks(Ext4Volume volume) throws Exception {
    int blockSize = volume.context().groups().blockSizeBytes();
    return volume.namespace().attributes(Ext4Inode.ROOT_NR).sectors() * 512 / blockSize;
  }

  /** Does this and that until each of it fails for lack of space. */
  private static void fill(Ext4Volume volume, Random random) throws Exception {
    boolean[] full = new boolean[5];
    int made = 0;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(PART, 4096);
      while (!allTrue(full)) {
        int kind = random.nextInt(full.length);
        full[kind] = !grows(volume, kind, "x".repeat(150) + made++, memory, random);
      }
      // Single blocks: the rest.
      long last = create(volume, "last");
      try (Ext4File file = volume.openFile(last, true)) {
        int block = volume.context().groups().blockSizeBytes();
        long at = 0;
        while (file.io().write(at, memory.asSlice(0, block), 0) == block) {
          at += block;
        }
      }
    }
  }

  private static boolean allTrue(boolean[] flags) {
    for (boolean flag : flags) {
      if (!flag) {
        return false;
      }
    }
    return true;
  }

  private static boolean grows(
      Ext4Volume volume, int kind, String name, MemorySegment memory, Random random)
      throws Exception {
    Ext4Namespace names = volume.namespace();
    try {
      switch (kind) {
        case 0 -> {
          byte[] bytes = FileName.encode(name);
          NewInode spec = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
          names.forget(names.makeDirectory(Ext4Inode.ROOT_NR, bytes, spec).inodeNr(), 1);
        }
        case 1 -> {
          byte[] target = "t".repeat(500).getBytes(StandardCharsets.UTF_8);
          NewInode spec = NewInode.of(FileKind.SYMLINK, 0777, 0, 0);
          byte[] bytes = FileName.encode(name);
          names.forget(names.makeSymlink(Ext4Inode.ROOT_NR, bytes, target, spec).inodeNr(), 1);
        }
        case 2 -> {
          byte[] value = new byte[600];
          random.nextBytes(value);
          names.setXattr(create(volume, name), "user.v", value, 0);
        }
        case 3 -> {
          try (Ext4File file = volume.openFile(create(volume, name), true)) {
            if (file.io().write(0, memory, 0) == -Errno.ENOSPC) {
              return false;
            }
            return file.io().write(PART, memory, 0) != -Errno.ENOSPC;
          }
        }
        default -> {
          try (Ext4File file = volume.openFile(create(volume, name), true)) {
            file.fallocate(0, 1 + random.nextInt(1 << 20), random.nextBoolean());
          }
        }
      }
      return true;
    } catch (Ext4Exception e) {
      if (e.errno() == Errno.EOPNOTSUPP) {
        return false;
      }
      assertEquals(Errno.ENOSPC, e.errno(), e.toString());
      return false;
    }
  }

  private static long create(Ext4Volume volume, String name) throws Exception {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    Ext4Namespace names = volume.namespace();
    long nr = names.create(Ext4Inode.ROOT_NR, FileName.encode(name), spec).inodeNr();
    names.forget(nr, 1);
    return nr;
  }

  private static void empty(Ext4Volume volume) throws Exception {
    Ext4Namespace names = volume.namespace();
    List<byte[]> files = new ArrayList<>();
    List<byte[]> directories = new ArrayList<>();
    names.readDirectory(
        Ext4Inode.ROOT_NR,
        0,
        (inodeNr, kind, name, cookie) -> {
          boolean own = name[0] == '.' || Arrays.equals(name, FileName.encode("lost+found"));
          if (!own) {
            (kind == FileKind.DIRECTORY ? directories : files).add(name.clone());
          }
          return true;
        });
    for (byte[] name : files) {
      names.unlink(Ext4Inode.ROOT_NR, name);
    }
    for (byte[] name : directories) {
      names.removeDirectory(Ext4Inode.ROOT_NR, name);
    }
  }
}
