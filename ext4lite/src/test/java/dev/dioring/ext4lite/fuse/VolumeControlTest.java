package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ioctls on a mounted volume as a whole. */
class VolumeControlTest {
  private static final String SHUT_DOWN =
      "python3 -c 'import fcntl, os; fcntl.ioctl(os.open(\".\", 0), 0x8004587d, bytes(4))'";

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needPrograms() {
    MountedImage.assumePossible();
    ExternalTool.assumeInstalled("python3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void volumeThatWasShutDownAnswersAsTheKernelsAndIsRecovered(String transport) throws Exception {
    String script = TestScript.python("shutdown.py", temp);
    String expected = onKernel(Ext4Image.make(temp.resolve("kernels"), "16M"), script);
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), transport, "commit=3600")) {
      assertEquals(expected, mount.run(script));
    }
    String features = String.valueOf(image.header().get("Filesystem features"));
    assertTrue(features.contains("needs_recovery"), features);
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("again"), transport)) {
      assertEquals("content", mount.run("cat file"));
      assertEquals("empty\nfile\nlink\nlost+found\n", mount.run("ls"));
    }
    image.assertClean();
    assertEquals(null, image.header().get("FS Error count"), "it is no error");
  }

  @Test
  void whatIsInMemoryIsWrittenBefore() throws Exception {
    for (String features : List.of("has_journal", "^has_journal")) {
      Ext4Image image = Ext4Image.make(temp.resolve(features), "16M", "-O", features);
      try (MountedImage mount =
          MountedImage.mount(image.file(), temp.resolve("mount"), "commit=3600")) {
        mount.run("seq 100000 > numbers; mkdir dir; ln numbers dir/link;" + SHUT_DOWN);
        assertNotEquals(0, mount.tryRun("echo more >> numbers").exitCode());
      }
      image.settle();
      image.assertClean();
      try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("again"))) {
        mount.run("seq 100000 | cmp - dir/link");
      }
    }
  }

  @Test
  void nobodyButRootShutsDown() throws Exception {
    ExternalTool.assumeInstalled("setpriv");
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      String refused =
          mount.tryRun("setpriv --reuid=1000 --regid=1000 --clear-groups " + SHUT_DOWN).output();
      assertTrue(refused.contains("Operation not permitted"), refused);
      mount.run("echo works > file");
    }
    image.assertClean();
  }

  @Test
  void labelsAreSetInAllCopiesOfTheSuperblock() throws Exception {
    String script = TestScript.python("label.py", temp);
    String[] small = {"-b", "1024", "-g", "1024", "-L", "first"};
    String expected = onKernel(Ext4Image.make(temp.resolve("kernels"), "16M", small), script);
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M", small);
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      assertEquals(expected, mount.run(script));
      String shown =
          ExternalTool.run("blkid", "-p", "-s", "LABEL", "-o", "value", "" + image.file());
      assertEquals("short", shown.strip(), "what others see while it is mounted");
    }
    for (int group : new int[] {0, 1, 3, 5, 7, 9}) {
      String block = Integer.toString(group * 1024 + 1);
      String header =
          ExternalTool.run(
              "dumpe2fs",
              "-h",
              "-o",
              "superblock=" + block,
              "-o",
              "blocksize=1024",
              image.file().toString());
      assertTrue(header.contains("volume name:   short\n"), header);
    }
    image.assertClean();
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("again"), "ro")) {
      assertTrue(mount.run(script).contains("set EROFS"));
    }
  }

  private String onKernel(Ext4Image image, String script) throws Exception {
    try (LoopMount mount = LoopMount.writable(image.file(), temp.resolve("kernel-mount"))) {
      return ExternalTool.run("sh", "-c", "cd " + mount.directory() + " && " + script);
    }
  }
}
