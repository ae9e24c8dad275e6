package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mount options change, seen by programs. */
class MountBehaviourTest {
  @TempDir Path temp = Path.of("");

  private Ext4Image image = Ext4Image.of(Path.of(""));

  @BeforeEach
  void make() throws Exception {
    MountedImage.assumePossible();
    image = Ext4Image.make(temp.resolve("image"), "16M");
  }

  /** As on the kernel's ext4: 1 where the time of access is newer than it was made to be. */
  @ParameterizedTest
  @CsvSource({
    "relatime, 1, 0, 1",
    "noatime, 0, 0, 0",
    "strictatime, 1, 1, 1",
    "nodiratime, 1, 0, 0",
    "ro, 0, 0, 0",
  })
  void readsAreNoted(String option, int changedFile, int fileOnce, int changedDirectory)
      throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("prepare"))) {
      mount.run("echo x > changed; echo x > once; mkdir dir; touch dir/entry");
      mount.run("touch -a -d '1 hour ago' changed dir once; touch -m -d '5 hours ago' once");
    }
    // Nothing but the change of its inode is newer than its time of access now.
    String unused = image.debugfsWrite("set_inode_field once ctime 20200101");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), option)) {
      String script =
          "a=$(stat -c %X f); cat f > /dev/null;"
              + " b=$(stat -c %X f); [ $b -gt $a ] && echo 1 || echo 0";
      assertEquals(changedFile + "\n", mount.run(script.replace(" f", " changed")), "changed");
      assertEquals(fileOnce + "\n", mount.run(script.replace(" f", " once")), "once");
      String listing =
          "a=$(stat -c %X dir); ls dir > /dev/null;"
              + " b=$(stat -c %X dir); [ $b -gt $a ] && echo 1 || echo 0";
      assertEquals(changedDirectory + "\n", mount.run(listing), "directory");
    }
    image.assertClean();
  }

  /** The kernel would serve the second one from its cache, and nobody hear of it. */
  @Test
  void everyReadIsNotedWhereThatIsAsked() throws Exception {
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), "strictatime")) {
      mount.run("echo x > file; cat file");
      // Times are of milliseconds.
      mount.run(
          "a=$(stat -c %x file); n=0; while [ \"$(stat -c %x file)\" = \"$a\" ]; do"
              + " cat file > /dev/null; n=$((n + 1)); [ $n -lt 1000 ] || exit 1; done");
    }
  }

  @Test
  void readsThroughFilesOpenedWithNoatimeAreNotNoted() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("for f in cached direct; do echo x > $f; touch -a -d '2001-02-03' $f; done");
      mount.run("dd if=cached of=/dev/null iflag=noatime");
      mount.run("dd if=direct of=/dev/null bs=4096 iflag=noatime,direct");
      assertEquals("2001\n2001\n", mount.run("stat -c %x cached direct | cut -d- -f1"));
      mount.run("dd if=direct of=/dev/null bs=4096 iflag=direct");
      assertEquals("0\n", mount.run("stat -c %x direct | grep -c 2001 || true"));
    }
  }

  @Test
  void appendOnlyFilesGrowAndAreTouched() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("echo one > log; mkdir d; touch -d '2001-02-03' log d; chattr +a log d");
      mount.run("echo two >> log; touch log d; echo x > d/new; [ $(date +%Y) = $(date -r d +%Y) ]");
      assertEquals("one\ntwo\n", mount.run("cat log"));
      for (String refused :
          new String[] {
            "echo three > log",
            "dd if=log of=log bs=1 count=1 conv=notrunc",
            "touch -d '2001-02-03' log",
            "chmod 600 log",
            "truncate -s 0 log",
            "rm d/new",
            "mv log other"
          }) {
        assertTrue(mount.tryRun(refused).exitCode() != 0, refused);
      }
      mount.run("chattr -a log d; rm log d/new");
    }
    image.assertClean();
  }

  @Test
  void ownersAreShownAsAskedAndKeptOnTheImage() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("prepare"))) {
      mount.run("mkdir d; chown 70001:70002 d");
    }
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), "uid=1234,gid=2345")) {
      mount.run("mkdir d/sub; echo x > d/file; ln -s x d/link; mkfifo d/fifo");
      assertEquals(
          "1234:2345\n".repeat(5), mount.run("stat -c %u:%g d d/sub d/file d/link d/fifo"));
      ExternalTool.Outcome refused = mount.tryRun("chown 5 d/file");
      assertTrue(refused.output().contains("Operation not permitted"), refused.output());
      mount.run("chown 1234:2345 d/file; chmod 600 d/file");
    }
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("check"), "ro")) {
      assertEquals(
          "70001:70002\n".repeat(5), mount.run("stat -c %u:%g d d/sub d/file d/link d/fifo"));
      assertEquals("600\n", mount.run("stat -c %a d/file"));
    }
    image.assertClean();
  }

  @Test
  void attributesThatAreNotWantedAreNotThere() throws Exception {
    for (String program : new String[] {"setfattr", "setfacl"}) {
      ExternalTool.assumeInstalled(program);
    }
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("prepare"))) {
      mount.run("touch f; setfattr -n user.a -v 1 f; setfacl -m u:1000:rw f");
    }
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), "noacl,nouser_xattr")) {
      assertEquals("", mount.run("getfattr -d -m - f"));
      String set = mount.tryRun("setfattr -n user.b -v 1 f").output();
      assertTrue(set.contains("not supported"), set);
      String list = mount.tryRun("setfacl -m u:1001:rw f").output();
      assertTrue(list.contains("not supported"), list);
    }
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("check"))) {
      assertTrue(mount.run("getfattr -d -m - f").contains("user.a"));
      assertTrue(mount.run("getfacl -n f").contains("user:1000:rw-"));
    }
  }

  /** What a program was told is done is on the image, without a sync. */
  @ParameterizedTest
  @CsvSource({"sync", "'sync,nouring'"})
  void synchronousMountsHaveEverythingOnTheImage(String options) throws Exception {
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), options, "commit=3600")) {
      mount.run("mkdir d; seq 2000 > d/numbers; mv d/numbers d/moved");
      mount.run("dd if=d/moved of=d/direct oflag=direct bs=4096 count=1 status=none");
      Path cut = temp.resolve("cut");
      ExternalTool.run("cp", image.file().toString(), cut.toString());
      Ext4Image left = Ext4Image.of(cut);
      left.settle();
      left.assertClean();
      assertTrue(left.debugfs("stat /d/moved").contains("Size: 8893"));
      assertEquals(mount.run("md5sum < d/moved"), md5(left, "/d/moved"));
      assertEquals(mount.run("md5sum < d/direct"), md5(left, "/d/direct"));
    }
  }

  private String md5(Ext4Image of, String path) throws Exception {
    Path out = temp.resolve("dump");
    String unused = of.debugfs("dump " + path + " " + out);
    return ExternalTool.run("sh", "-c", "md5sum < " + out);
  }
}
