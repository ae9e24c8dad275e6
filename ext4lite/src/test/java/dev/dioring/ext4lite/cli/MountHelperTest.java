package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What mount(8) and umount(8) ask of the programs that they leave a type of file system to. */
class MountHelperTest {
  @TempDir Path temp = Path.of("");

  private Path image = Path.of("");
  private Path directory = Path.of("");

  @BeforeEach
  void make() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(LoopMount.isPossible(), "mounting needs root");
    image = Ext4Image.make(temp.resolve("image"), "16M").file();
    directory = Files.createDirectory(temp.resolve("mount"));
  }

  @Test
  void whatMountDoesNotForbidIsAllowed() throws Exception {
    String all = mountedWith("rw");
    assertFalse(all.contains("nosuid") || all.contains("nodev") || all.contains("noexec"), all);
    String few = mountedWith("rw,noexec,nodev,user");
    assertFalse(few.contains("nosuid"), few);
    assertTrue(few.contains("nodev") && few.contains("noexec"), few);
    assertTrue(mountedWith("rw,not_an_option").contains("rw"), "-s tolerates what is not known");
  }

  @Test
  void pretendingMountsNothing() throws Exception {
    CliRun.of("mount", "--as-helper", image, directory, "-f", "-o", "rw").succeeded();
    assertFalse(mounts().contains(directory.toString()));
  }

  @Test
  void otherNamespacesAreRefused() {
    CliRun.of("mount", "--as-helper", image, directory, "-N", "1")
        .refused(ExitStatus.USAGE, "nsenter");
    CliRun.of("umount", "--as-helper", directory, "-N", "1").refused(ExitStatus.USAGE, "nsenter");
  }

  @Test
  void umountThatIsBusyMayLeaveItReadOnly() throws Exception {
    try (MountProcess mount = start("rw")) {
      assertEquals(0, mount.run("seq 100 > f").exitCode());
      try (var busy = Files.newInputStream(directory.resolve("f"))) {
        assertEquals('1', busy.read());
        CliRun.of("umount", "--as-helper", directory, "-n").refused(ExitStatus.TEMP_FAIL, "EBUSY");
        CliRun.of("umount", "--as-helper", directory, "-r", "-t", "fuse.ext4lite").succeeded();
      }
      assertTrue(mount.run("touch g").output().contains("Read-only file system"));
      CliRun.of("umount", "--as-helper", directory, "-f").succeeded();
      assertEquals(0, mount.awaitEnd());
    }
    Ext4Image.of(image).assertClean();
  }

  /** With links of its own in /sbin, for which it needs a namespace and an overlay. */
  @Test
  void umountOfTheSystemWaitsForTheImage() throws Exception {
    ExternalTool.assumeInstalled("unshare");
    ExternalTool.assumeInstalled("nsenter");
    Path upper = Files.createDirectory(temp.resolve("upper"));
    String script =
        "cd "
            + upper
            + " && mount -t tmpfs none . && cd $PWD && mkdir u w && mount -t overlay -o"
            + " lowerdir=/usr/sbin,upperdir=$PWD/u,workdir=$PWD/w none /usr/sbin && exec \"$@\"";
    List<String> isolated = List.of("unshare", "-m", "sh", "-c", script, "sh");
    List<String> probe = new ArrayList<>(isolated);
    probe.add("true");
    Assumptions.assumeTrue(ExternalTool.tryRun(probe).exitCode() == 0, "there is no overlay");
    String java = String.join(" ", MountProcess.command(System.getProperty("java.class.path")));
    Path helper =
        Files.writeString(
            temp.resolve("helper"),
            "#!/bin/sh\necho called > "
                + temp
                + "/called\nexec "
                + java
                + " umount --as-helper \"$@\"");
    assertTrue(helper.toFile().setExecutable(true));
    List<String> command = new ArrayList<>(isolated);
    command.addAll(
        List.of("sh", "-c", "ln -s " + helper + " /sbin/umount.fuse.ext4lite; exec \"$@\"", "sh"));
    command.addAll(MountProcess.command(System.getProperty("java.class.path")));
    try (MountProcess mount = MountProcess.startAsHelper(command, image, directory, "rw")) {
      List<String> inside = List.of("nsenter", "-m", "-t", "" + mount.pid(), "sh", "-c");
      List<String> work = new ArrayList<>(inside);
      work.add(
          "seq 200000 > " + directory + "/f && umount " + directory + " && e2fsck -fn " + image);
      ExternalTool.Outcome outcome = ExternalTool.tryRun(work);
      assertEquals(0, outcome.exitCode(), outcome.output());
      assertEquals(0, mount.awaitEnd());
    }
    assertTrue(Files.exists(temp.resolve("called")), "umount did not look for its program");
  }

  private String mountedWith(String options) throws Exception {
    try (MountProcess mount = start(options)) {
      String line =
          mounts().lines().filter(text -> text.contains(" " + directory + " ")).findFirst().get();
      CliRun.of("umount", directory).succeeded();
      assertEquals(0, mount.awaitEnd());
      return line.split(" ", -1)[3];
    }
  }

  private MountProcess start(String options) throws IOException {
    List<String> command = MountProcess.command(System.getProperty("java.class.path"));
    return MountProcess.startAsHelper(command, image, directory, options);
  }

  private static String mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts"));
  }
}
