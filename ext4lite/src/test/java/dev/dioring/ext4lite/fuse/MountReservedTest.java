package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets the blocks that mke2fs reserves, and how many: as on the kernel's mount. */
class MountReservedTest {
  private static final String GROUP = "77";

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needPrograms() {
    MountedImage.assumePossible();
    ExternalTool.assumeInstalled("python3");
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', uring",
    "'', '', nouring",
    "O_DIRECT, '', uring",
    "O_DIRECT, resgid=77, nouring",
    "'', resgid=77, uring",
  })
  void rootAndAGroupGetThemAndOthersDoNot(String flag, String option, String transport)
      throws Exception {
    String expected = filled(flag, option, "");
    assertEquals(expected, filled(flag, option, transport));
  }

  /** What gets out of the kernel's cache comes without a word on who wrote it. */
  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void theKernelsCacheGetsNone(String transport) throws Exception {
    ExternalTool.assumeInstalled("setpriv");
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "32M", "-m", "20");
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), transport, "writeback_cache")) {
      ExternalTool.Outcome unused =
          mount.tryRun(
              "chmod 777 . && setpriv --reuid=1000 --regid=1000 --clear-groups "
                  + "dd if=/dev/zero of=file bs=64k count=480 conv=fsync 2>&1");
      long free = Long.parseLong(mount.run("stat -f -c %f .").trim());
      long reserved = Long.parseLong(String.valueOf(image.header().get("Reserved block count")));
      assertTrue(free >= reserved, free + " blocks are left of " + reserved);
    }
    image.assertClean();
  }

  /** Fills a new image, mounted by the kernel if no transport is named. */
  private String filled(String flag, String option, String transport) throws Exception {
    Path file = temp.resolve(transport + "image");
    Ext4Image image = Ext4Image.make(file, "32M", "-m", "20");
    String got;
    if (transport.isEmpty()) {
      try (LoopMount mount = LoopMount.writable(file, temp.resolve("kernels"), option)) {
        got = fill(mount.directory(), flag, option);
      }
    } else {
      String options = option.isEmpty() ? transport : transport + "," + option;
      try (MountedImage mount = MountedImage.mount(file, temp.resolve("mount"), options)) {
        got = fill(mount.directory(), flag, option);
      }
    }
    image.assertClean();
    return got;
  }

  private String fill(Path directory, String flag, String option) throws Exception {
    String group = option.isEmpty() ? "" : " " + GROUP;
    String script = TestScript.python("reserved.py", temp);
    return ExternalTool.run("sh", "-c", script + " " + directory + " '" + flag + "'" + group);
  }
}
