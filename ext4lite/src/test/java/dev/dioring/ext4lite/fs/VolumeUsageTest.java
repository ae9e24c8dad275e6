package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How full a volume is, as the kernel's statfs tells it. */
class VolumeUsageTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -m 10",
        "-b 1024 -O ^has_journal -m 0",
        "-b 4096 -O bigalloc -C 16384",
        "-b 1024 -O bigalloc,^has_journal -C 65536",
        "-t ext3 -b 1024",
        "-t ext2 -b 4096",
        "-b 1024 -O ^flex_bg,^resize_inode,meta_bg",
        "-b 1024 -O ^metadata_csum,uninit_bg -N 4000",
        "-b 4096 -O quota,project"
      })
  void asTheKernelTells(String options) throws Exception {
    Assumptions.assumeTrue(LoopMount.isPossible(), "mounting needs root and loop devices");
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "72M", options.split(" ", -1));
    String ours;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      for (int i = 0; i < 40; i++) {
        NewInode spec = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
        byte[] name = FileName.encode("directory" + i);
        names.forget(names.makeDirectory(Ext4Inode.ROOT_NR, name, spec).inodeNr(), 1);
      }
      volume.sync();
      volume.context().journal().settle();
      VolumeUsage usage = volume.usage();
      ours =
          String.format(
              "%d %d %d %d %d %d",
              usage.blockSizeBytes(),
              usage.blocks(),
              usage.freeBlocks(),
              usage.availableBlocks(),
              usage.inodes(),
              usage.freeInodes());
    }
    try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mnt"))) {
      String kernels =
          ExternalTool.run("stat", "-f", "-c", "%S %b %f %a %c %d", mount.directory().toString());
      assertEquals(kernels.strip(), ours);
    }
  }
}
