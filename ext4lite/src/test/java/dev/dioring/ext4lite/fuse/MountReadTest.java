package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image read through the kernel looks the same whoever mounts it. */
class MountReadTest {
  private static final String LISTING =
      "find . -printf '%P %i %y %#m %n %U %G %s %b %T@ %C@ %l\\n' | sort";
  private static final String CONTENT = "find . -type f -print0 | sort -z | xargs -0 sha256sum";
  private static final String ATTRIBUTES = "find . | sort | xargs -d '\\n' getfattr -hd -m -";

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @Test
  void treeIsTheKernels() throws Exception {
    Path content = temp.resolve("content");
    makeTree(content);
    Ext4Image image = Ext4Image.populated(temp.resolve("image"), "64M", content);
    image.debugfsWrite(
        "ea_set /name1 user.colour blue", "ea_set /name2 trusted.secret " + "x".repeat(300));
    image.settle();
    Path copy = temp.resolve("copy");
    Files.copy(image.file(), copy, StandardCopyOption.REPLACE_EXISTING);

    try (MountedImage ours = MountedImage.mount(image.file(), temp.resolve("ours"), "ro");
        LoopMount kernels = LoopMount.readOnly(copy, temp.resolve("kernels"))) {
      for (String command :
          List.of(LISTING, CONTENT, ATTRIBUTES, "stat -f -c '%b %f %a %c %l' .")) {
        assertEquals(
            ExternalTool.run("sh", "-c", "cd " + kernels.directory() + " && " + command),
            ours.run(command),
            command);
      }
    }
    image.assertClean();
  }

  @Test
  void directAndUnalignedReadsAreRight() throws Exception {
    Path content = Files.createDirectory(temp.resolve("content"));
    byte[] bytes = new byte[3_000_001];
    new Random(7).nextBytes(bytes);
    Files.write(content.resolve("file"), bytes);
    Ext4Image image = Ext4Image.populated(temp.resolve("image"), "16M", content);
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), "ro")) {
      String original = content.resolve("file").toString();
      mount.run("dd if=file iflag=direct bs=1M status=none | cmp - " + original);
      mount.run("dd if=file iflag=direct bs=4k status=none | cmp - " + original);
      mount.run("tail -c +12346 file | cmp - " + original + " 0 12345");
      mount.run(
          "dd if=file bs=777 skip=1000 count=3 status=none | cmp -n 2331 - "
              + original
              + " 0 777000");
    }
  }

  @Test
  void manyReadersAtOnce() throws Exception {
    Path content = temp.resolve("content");
    makeTree(content);
    Ext4Image image = Ext4Image.populated(temp.resolve("image"), "64M", content);
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), "ro")) {
      String expected = ExternalTool.run("sh", "-c", "cd " + content + " && cat name* | sha256sum");
      String all =
          mount.run(
              "for i in $(seq 64); do"
                  + " (echo 2 > /proc/sys/vm/drop_caches; find . > /dev/null;"
                  + " cat name* | sha256sum) & done; wait");
      assertEquals(64, all.lines().filter(line -> line.equals(expected.strip())).count(), all);
    }
  }

  @Test
  void writingIsRefusedWhereItIsReadOnly() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "8M");
    byte[] before = image.bytes();
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), "ro")) {
      ExternalTool.Outcome outcome = mount.tryRun("touch file");
      assertNotEquals(0, outcome.exitCode());
      assertTrue(outcome.output().contains("Read-only file system"), outcome.output());
    }
    assertTrue(java.util.Arrays.equals(before, image.bytes()), "the image was written");
  }

  private static void makeTree(Path root) throws IOException, InterruptedException {
    Files.createDirectory(root);
    ExternalTool.run(
        "sh",
        "-c",
        "cd "
            + root
            + " && for i in $(seq 300); do echo content $i > name$i; done"
            + " && head -c 3000001 /dev/urandom > big && truncate -s 50M sparse"
            + " && mkdir -p a/b/c many && ln -s ../name1 a/fast && ln name1 a/b/hard"
            + " && ln -s $(printf %0200d 0) a/slow && mkfifo a/fifo && mknod a/null c 1 3"
            + " && mknod a/disk b 259 70000 && chmod 6751 name3 && chown 70000:80000 name4"
            + " && touch -d '2100-01-02 03:04:05.678' name5 && touch -d '1930-01-01' name6"
            + " && for i in $(seq 2000); do : > many/a-rather-long-name-of-a-file-$i; done"
            + " && : > $(printf %0255d 1)");
  }
}
