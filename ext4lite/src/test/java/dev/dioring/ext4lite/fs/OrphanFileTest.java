package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orphans recorded in the orphan file are found by e2fsck, by the kernel, and by ourselves. */
class OrphanFileTest {
  private static final int ORPHANS = 40;
  private static final int SMALL_FILE_SLOTS = 32 * (1024 - 8) / 4;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-b 4096 -O orphan_file", "-b 1024 -O orphan_file,^metadata_csum"})
  void aCutLeavesOrphansThatAllOthersFind(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M", options.split(" "));
    String freeBlocks = image.header().get("Free blocks");
    Path cut = directory.resolve("cut.img");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      unlinkInUse(volume, ORPHANS);
      assertEquals(0, volume.superblock().lastOrphanInodeNr());
      volume.sync();
      Files.copy(image.file(), cut);
    }
    image.assertClean();
    assertFalse(features(image).contains("orphan_present"));
    assertEquals(freeBlocks, image.header().get("Free blocks"));

    Ext4Image checked = copy(cut, "checked.img");
    assertTrue(features(checked).contains("orphan_present"));
    ExternalTool.Outcome fsck =
        ExternalTool.tryRun(List.of("e2fsck", "-fy", checked.file().toString()));
    assertNotEquals(0, fsck.exitCode());
    assertTrue(fsck.output().contains("orphaned inode"), fsck.output());
    checked.assertClean();
    assertEquals(freeBlocks, checked.header().get("Free blocks"));

    Ext4Image ours = copy(cut, "ours.img");
    try (Ext4Volume volume = Ext4Volume.open(ours.file(), VolumeOptions.READ_WRITE)) {
      assertEquals(0, volume.usage().inodes() - volume.usage().freeInodes() - inUse(checked));
    }
    ours.assertClean();
    assertEquals(freeBlocks, ours.header().get("Free blocks"));

    if (LoopMount.isPossible()) {
      Ext4Image kernels = copy(cut, "kernels.img");
      LoopMount.writable(kernels.file(), directory.resolve("mnt")).close();
      kernels.assertClean();
      assertEquals(freeBlocks, kernels.header().get("Free blocks"));
    }
  }

  @Test
  void aFullOrphanFileOverflowsIntoTheList() throws Exception {
    Ext4Image image =
        Ext4Image.make(
            directory.resolve("disk.img"),
            "64M",
            "-b 1024 -O orphan_file -E orphan_file_size=32 -N 20000".split(" "));
    Path cut = directory.resolve("cut.img");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      List<Long> gone = unlinkInUse(volume, SMALL_FILE_SLOTS + 3);
      assertNotEquals(0, volume.superblock().lastOrphanInodeNr());
      volume.sync();
      Files.copy(image.file(), cut);
      // The middle of the list, its head, the rest; then a slot of the file is free again.
      for (int i : new int[] {1, 2, 0}) {
        volume.namespace().forget(gone.get(SMALL_FILE_SLOTS + i), 1);
      }
      assertEquals(0, volume.superblock().lastOrphanInodeNr());
      volume.namespace().forget(gone.get(5), 1);
      List<Long> more = unlinkInUse(volume, 1);
      assertEquals(0, volume.superblock().lastOrphanInodeNr(), "inode " + more);
    }
    image.assertClean();
    Ext4Image ours = Ext4Image.of(cut);
    try (Ext4Volume volume = Ext4Volume.open(cut, VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
    }
    ours.assertClean();
  }

  /** Makes files, some with a block, and unlinks them while they are in use. */
  private static List<Long> unlinkInUse(Ext4Volume volume, int count) throws Exception {
    Ext4Namespace names = volume.namespace();
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] name = FileName.encode("file" + i);
      NewInode spec = NewInode.of(FileKind.REGULAR, 0600, 1, 2);
      long nr = names.create(Ext4Inode.ROOT_NR, name, spec).inodeNr();
      numbers.add(nr);
      if (i % 64 == 0) {
        try (Ext4File file = volume.openFile(nr, true)) {
          file.fallocate(0, 10_000, false);
        }
      }
      names.unlink(Ext4Inode.ROOT_NR, name);
    }
    return numbers;
  }

  private static long inUse(Ext4Image image) throws Exception {
    return Long.parseLong(image.header().get("Inode count"))
        - Long.parseLong(image.header().get("Free inodes"));
  }

  private Ext4Image copy(Path from, String name) throws Exception {
    Path to = directory.resolve(name);
    return Ext4Image.of(Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING));
  }

  private static String features(Ext4Image image) throws Exception {
    return String.valueOf(image.header().get("Filesystem features"));
  }
}
