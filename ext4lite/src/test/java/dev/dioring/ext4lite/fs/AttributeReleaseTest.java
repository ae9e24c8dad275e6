package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A block of attributes that inodes share goes with the last of them. */
class AttributeReleaseTest {
  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 4096 -O ^has_journal", "-t ext3 -b 1024 -I 128"})
  void sharedBlocksGoWithTheirLastUser(String mkfs) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "16M", mkfs.split(" ", -1));
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mounted"))) {
      for (String name : new String[] {"a", "b", "c"}) {
        Path file = Files.writeString(mount.directory().resolve(name), "content");
        ExternalTool.run("setfattr", "-n", "user.large", "-v", "x".repeat(500), "" + file);
      }
    }
    for (String name : new String[] {"b", "a", "c"}) {
      try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
        volume.namespace().unlink(Ext4Inode.ROOT_NR, name.getBytes(UTF_8));
      }
      image.assertClean();
    }
  }
}
