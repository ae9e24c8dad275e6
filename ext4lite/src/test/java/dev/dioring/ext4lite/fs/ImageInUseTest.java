package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that somebody else has, the kernel above all, are not written. */
class ImageInUseTest {
  @TempDir Path directory = Path.of("");

  private Path image = Path.of("");

  @BeforeEach
  void makeImage() throws Exception {
    image = Ext4Image.make(directory.resolve("disk.img"), "8M").file();
  }

  @Test
  void filesThatLoopDevicesStandForAreRefusedByName() throws Exception {
    Assumptions.assumeTrue(LoopMount.isPossible(), "loop devices need root");
    String loop = ExternalTool.run("losetup", "-f", "--show", image.toString()).strip();
    try {
      Path link = Files.createSymbolicLink(directory.resolve("link"), image);
      for (Path path : new Path[] {image, link}) {
        assertRefused(path, loop);
        open(path, true).close();
      }
    } finally {
      ExternalTool.run("losetup", "-d", loop);
    }
    open(image, false).close();
    Ext4Image.of(image).assertClean();
  }

  @Test
  void devicesThatAreMountedAreRefused() throws Exception {
    Assumptions.assumeTrue(LoopMount.isPossible(), "loop devices need root");
    String loop = ExternalTool.run("losetup", "-f", "--show", image.toString()).strip();
    Path mount = Files.createDirectory(directory.resolve("mount"));
    try {
      ExternalTool.run("mount", "-t", "ext4", loop, mount.toString());
      try {
        assertRefused(Path.of(loop), "mounted");
      } finally {
        ExternalTool.run("umount", mount.toString());
      }
      Ext4Volume volume = open(Path.of(loop), false);
      try {
        ExternalTool.Outcome second =
            ExternalTool.tryRun(java.util.List.of("mount", "-t", "ext4", loop, mount.toString()));
        assertTrue(second.output().contains("already mounted"), second.output());
      } finally {
        volume.close();
      }
    } finally {
      ExternalTool.run("losetup", "-d", loop);
    }
  }

  @Test
  void otherVolumesOfTheSameFileAreRefused() throws Exception {
    try (Ext4Volume writer = open(image, false)) {
      assertTrue(writer.isWritable());
      assertRefused(image, "another ext4lite");
      assertEquals(Errno.EBUSY, assertThrows(Ext4Exception.class, () -> open(image, true)).errno());
    }
    try (Ext4Volume one = open(image, true);
        Ext4Volume two = open(image, true)) {
      assertEquals(one.freeBlocks(), two.freeBlocks());
      assertRefused(image, "another ext4lite");
    }
  }

  private static void assertRefused(Path path, String mention) {
    Ext4Exception refused = assertThrows(Ext4Exception.class, () -> open(path, false));
    assertEquals(Errno.EBUSY, refused.errno());
    assertTrue(String.valueOf(refused.getMessage()).contains(mention), refused.getMessage());
  }

  private static Ext4Volume open(Path path, boolean readOnly) throws IOException {
    VolumeOptions options = VolumeOptions.READ_WRITE.withReadOnly(readOnly);
    return Ext4Volume.open(path, options.withDevice(options.device().withBuffered(true)));
  }
}
