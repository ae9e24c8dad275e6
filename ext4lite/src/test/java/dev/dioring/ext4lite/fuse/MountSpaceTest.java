package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Space that was promised to content in memory, and not taken, can be had. */
class MountSpaceTest {
  private static final int FILES = 1500;
  private static final byte[] LITTLE = new byte[100];

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  /** Every little file takes one block, and is promised ten. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fallocate -l 28M large",
        "dd if=/dev/zero of=large bs=1M count=28 oflag=direct",
        "dd if=/dev/zero of=large bs=1000000 count=28",
      })
  void promisedSpaceIsThereForOthers(String command) throws Exception {
    Ext4Image image =
        Ext4Image.make(
            temp.resolve("image"), "36M", "-b", "1024", "-m", "0", "-N", "2048", "-J", "size=1");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      Path little = Files.createDirectory(mount.directory().resolve("little"));
      for (int i = 0; i < FILES; i++) {
        Files.write(little.resolve("file" + i), LITTLE);
      }
      String unused = mount.run(command + " 2>&1");
    }
    image.assertClean();
  }
}
