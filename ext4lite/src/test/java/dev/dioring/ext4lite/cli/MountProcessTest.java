package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mount's server as a process: signals, corruption, users who are not root, a full disk. */
class MountProcessTest {
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  @TempDir Path temp = Path.of("");

  private Path directory = Path.of("");

  @BeforeEach
  void needMounts() throws IOException {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(LoopMount.isPossible(), "mounting needs root");
    directory = Files.createDirectory(temp.resolve("mount"));
  }

  @Test
  void terminationUnmountsCleanlyAlsoWhereItIsBusy() throws Exception {
    Path image = Ext4Image.make(temp.resolve("image"), "16M").file();
    try (MountProcess mount = MountProcess.start(image, directory)) {
      assertEquals(0, mount.run("seq 10000 > numbers; seq 3 > open").exitCode());
      try (InputStream busy = Files.newInputStream(directory.resolve("open"))) {
        assertEquals('1', busy.read());
        mount.terminate();
        int unused = mount.awaitEnd();
      }
    }
    assertFalse(Files.exists(directory.resolve("numbers")), "still mounted");
    Ext4Image.of(image).assertClean();
    assertTrue(Ext4Image.of(image).debugfs("stat /numbers").contains("Size: 48894"));
  }

  @Test
  void corruptionTurnsTheMountReadOnlyAndIsInTheLog() throws Exception {
    Path image = corrupted();
    Path log = temp.resolve("log");
    try (MountProcess mount =
        MountProcess.start(image, directory, "-o", "errors=remount-ro", "--log-file=" + log)) {
      assertEquals(0, mount.run("touch before").exitCode());
      ExternalTool.Outcome list = mount.run("ls dir");
      assertTrue(list.output().contains("Structure needs cleaning"), list.output());
      ExternalTool.Outcome touch = mount.run("touch after");
      assertTrue(touch.output().contains("Read-only file system"), touch.output());
      ExternalTool.Outcome write = mount.run("seq 3 >> plain");
      assertTrue(write.output().contains("Read-only file system"), write.output());
      assertEquals("plain\n", mount.run("cat plain").output());
      assertEquals(0, ExternalTool.tryRun(List.of("umount", directory.toString())).exitCode());
      assertFalse(mount.awaitEnd() == 0, "it ends with an error");
    }
    String said = Files.readString(log);
    assertTrue(said.contains("directory") && said.contains("checksum"), said);
    assertTrue(Ext4Image.of(image).header().get("Filesystem state").contains("with errors"), said);
    Ext4Image.of(image).settle();
    Ext4Image.of(image).assertClean();
  }

  @Test
  void mountsThatAreToldToGoOnDo() throws Exception {
    Path image = corrupted();
    try (MountProcess mount =
        MountProcess.start(image, directory, "-o", "errors=continue,nouring")) {
      assertTrue(mount.run("ls dir").output().contains("Structure needs cleaning"));
      assertEquals(0, mount.run("echo more >> plain").exitCode());
      assertEquals(0, ExternalTool.tryRun(List.of("umount", directory.toString())).exitCode());
      assertEquals(0, mount.awaitEnd());
    }
    assertEquals("1", Ext4Image.of(image).header().get("FS Error count"));
  }

  @Test
  void panicEndsTheProcess() throws Exception {
    Path image = corrupted();
    try (MountProcess mount = MountProcess.start(image, directory, "-o", "errors=panic")) {
      ExternalTool.Outcome unused = mount.run("ls dir");
      assertEquals(1, mount.awaitEnd());
    }
    Ext4Image.of(image).settle();
    assertTrue(Ext4Image.of(image).header().get("Filesystem state").contains("clean"));
  }

  @Test
  void usersMountWhatIsTheirs() throws Exception {
    for (String program : new String[] {"fusermount3", "setpriv"}) {
      ExternalTool.assumeInstalled(program);
    }
    Path image =
        Ext4Image.make(temp.resolve("image"), "16M", "-E", "root_owner=65534:65534").file();
    give(temp);
    give(image);
    give(directory);
    List<String> java = MountProcess.command(readableClassPath());
    List<String> command = new ArrayList<>(withDeviceForAll());
    command.addAll(AS_NOBODY);
    command.addAll(java);
    try (MountProcess mount = MountProcess.start(command, image, directory)) {
      List<String> user = new ArrayList<>(List.of("nsenter", "-m", "-t", "" + mount.pid()));
      user.addAll(AS_NOBODY);
      List<String> work = new ArrayList<>(user);
      work.addAll(List.of("sh", "-c", "cd " + directory + " && seq 1000 > f && wc -l < f"));
      assertEquals("1000", ExternalTool.tryRun(work).output().strip());
      List<String> unmount = new ArrayList<>(user);
      unmount.addAll(java);
      unmount.addAll(List.of("umount", directory.toString()));
      ExternalTool.Outcome unmounted = ExternalTool.tryRun(unmount);
      assertEquals(0, unmounted.exitCode(), unmounted.output());
      assertEquals(0, mount.awaitEnd());
    }
    Ext4Image.of(image).assertClean();
    assertTrue(Ext4Image.of(image).debugfs("stat /f").contains("User: 65534"));
  }

  @Test
  void usersMountOnTheirOwnDirectoriesOnly() throws Exception {
    ExternalTool.assumeInstalled("setpriv");
    Path image = Ext4Image.make(temp.resolve("image"), "8M").file();
    give(temp);
    give(image);
    Path others = Files.createDirectory(temp.resolve("others"));
    List<String> command = new ArrayList<>(AS_NOBODY);
    command.addAll(MountProcess.command(readableClassPath()));
    command.addAll(List.of("mount", "-f", "--buffered", image.toString(), others.toString()));
    ExternalTool.Outcome outcome = ExternalTool.tryRun(command);
    assertFalse(outcome.exitCode() == 0, outcome.output());
    assertEquals(1, outcome.output().strip().lines().count(), outcome.output());
    Ext4Image.of(image).assertClean();
  }

  @Test
  void fullDiskUnderTheImageIsAnErrorThatItSurvives() throws Exception {
    Path disk = Files.createDirectory(temp.resolve("disk"));
    ExternalTool.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString());
    try {
      Path image = Ext4Image.make(disk.resolve("image"), "64M", "-J", "size=1").file();
      Path log = temp.resolve("log");
      try (MountProcess mount = MountProcess.start(image, directory, "--log-file=" + log)) {
        ExternalTool.Outcome written =
            mount.run("dd if=/dev/zero bs=1M count=32 conv=fsync of=big 2>&1");
        assertTrue(written.output().contains("Input/output error"), written.output());
        ExternalTool.Outcome unused = ExternalTool.tryRun(List.of("umount", directory.toString()));
        int ended = mount.awaitEnd();
        assertTrue(ended >= 0);
      }
      assertTrue(Files.readString(log).contains("full"), Files.readString(log));
      Path roomy = Files.copy(image, temp.resolve("roomy"), StandardCopyOption.REPLACE_EXISTING);
      Ext4Image.of(roomy).settle();
      Ext4Image.of(roomy).assertClean();
    } finally {
      ExternalTool.run("umount", "-l", disk.toString());
    }
  }

  /** What runs a program with a device that users may open, in a mount namespace of its own. */
  private List<String> withDeviceForAll() {
    Path device = temp.resolve("fuse");
    String script =
        "mknod %s c 10 229 && chmod 666 %s && mount --bind %s /dev/fuse && exec \"$@\""
            .formatted(device, device, device);
    return List.of("unshare", "-m", "sh", "-c", script, "sh");
  }

  private static void give(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", 65534);
    Files.setAttribute(path, "unix:gid", 65534);
    if (Files.isDirectory(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** Copies of the class path where everybody can read them. */
  private String readableClassPath() throws IOException {
    List<String> copies = new ArrayList<>();
    String all = System.getProperty("java.class.path");
    for (String entry : all.split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      String name = path.getFileName().toString();
      boolean tests = name.contains("junit") || name.contains("archunit");
      if (Files.exists(path) && !tests) {
        Path copy = temp.resolve("classes-" + copies.size());
        copy(path, name.endsWith(".jar") ? copy.resolveSibling(copy.getFileName() + ".jar") : copy);
        copies.add(
            (name.endsWith(".jar") ? copy.resolveSibling(copy.getFileName() + ".jar") : copy)
                .toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (path.equals(from) && Files.isRegularFile(path)) {
          target = to;
        }
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path corrupted() throws Exception {
    Path content = Files.createDirectory(temp.resolve("content"));
    Files.createFile(Files.createDirectory(content.resolve("dir")).resolve("file"));
    Files.writeString(content.resolve("plain"), "plain\n");
    Ext4Image image = Ext4Image.populated(temp.resolve("image"), "16M", content, "-b", "1024");
    String blocks = image.debugfs("blocks /dir").strip();
    long blockNr = Long.parseLong(blocks.substring(blocks.lastIndexOf('\n') + 1).strip());
    try (RandomAccessFile file = new RandomAccessFile(image.file().toFile(), "rw")) {
      file.seek(blockNr * 1024 + 32);
      int before = file.read();
      file.seek(blockNr * 1024 + 32);
      file.write(before ^ 1);
    }
    return image.file();
  }
}
