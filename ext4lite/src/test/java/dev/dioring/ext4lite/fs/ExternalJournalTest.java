package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes whose journal has a device of its own. */
class ExternalJournalTest {
  private static final String WORK =
      "mkdir d; seq 20000 > d/numbers; ln d/numbers link; rm -f d/gone; truncate -s 3M sparse; sync";

  @TempDir Path directory;

  private Path image = Path.of("");
  private Path journal = Path.of("");

  @BeforeEach
  void needLoops() {
    Assumptions.assumeTrue(LoopMount.isPossible(), "attaching loop devices needs root");
    image = directory.resolve("image");
    journal = directory.resolve("journal");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 4096", "-b 4096 -O ^metadata_csum"})
  void whatWeLogEverybodyRecovers(String options) throws Exception {
    format(options);
    try (Ext4Volume volume = Ext4Volume.open(image, with(journal))) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      for (int i = 0; i < 300; i++) {
        make(volume, "name " + i);
      }
      volume.sync();
      Files.copy(image, directory.resolve("image.crashed"));
      Files.copy(journal, directory.resolve("journal.crashed"));
    }
    assertClean();
    crash();
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_ONLY.withJournal(journal))) {
      assertEquals(300, names(volume));
    }
    try (Ext4Volume volume = Ext4Volume.open(image, with(journal))) {
      assertEquals(300, names(volume));
    }
    assertClean();
    crash();
    ExternalTool.Outcome repair =
        ExternalTool.tryRun(List.of("e2fsck", "-fy", "-j", journal.toString(), image.toString()));
    assertTrue(repair.exitCode() <= 1, repair::output);
    assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image, with(journal))) {
      assertEquals(300, names(volume));
    }
    crash();
    assertEquals("300\n", kernel("ls MOUNT | grep -c name"));
  }

  @Test
  void whatTheKernelLoggedWeRecover() throws Exception {
    format("-b 4096");
    String unused = kernel("cd MOUNT; " + WORK + "; cp IMAGE IMAGE.crashed; cp LOG LOG.crashed");
    crash();
    String whole;
    try (Ext4Volume volume = Ext4Volume.open(image, with(journal))) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      whole = VolumeFacts.of(volume).keySet().toString();
    }
    assertTrue(whole.contains("d/numbers") && whole.contains("sparse"), whole);
    assertClean();
  }

  @Test
  void otherDevicesAreRefused() throws Exception {
    format("-b 4096");
    Path own = Ext4Image.make(directory.resolve("own"), "16M").file();
    Path other = Files.createFile(directory.resolve("other"));
    ExternalTool.run(
        "mke2fs", "-q", "-F", "-O", "journal_dev", "-b", "4096", other.toString(), "8M");
    assertRefused(image, other, "its UUID is");
    assertRefused(image, own, "no journal device");
    assertRefused(own, journal, "no journal on another device");
    assertRefused(image, directory.resolve("missing"), "check the path");
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_WRITE)) {
      assertFalse(volume.isWritable());
      assertTrue(volume.readOnlyReason().contains("journal_path"), volume.readOnlyReason());
    }
    try (Ext4Volume holder = Ext4Volume.open(image, with(journal))) {
      Path copy = Files.copy(image, directory.resolve("copy"));
      Ext4Exception busy =
          assertThrows(Ext4Exception.class, () -> Ext4Volume.open(copy, with(journal)));
      assertEquals(Errno.EBUSY, busy.errno());
      assertTrue(holder.isWritable());
    }
  }

  private static void assertRefused(Path image, Path journal, String why) {
    Ext4Exception refused =
        assertThrows(Ext4Exception.class, () -> Ext4Volume.open(image, with(journal)));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::toString);
  }

  private static VolumeOptions with(Path journal) {
    return VolumeOptions.READ_WRITE.withJournal(journal);
  }

  private static void make(Ext4Volume volume, String name) throws Exception {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    InodeAttributes made = volume.namespace().create(Ext4Inode.ROOT_NR, name.getBytes(UTF_8), spec);
    volume.namespace().forget(made.inodeNr(), 1);
  }

  private static int names(Ext4Volume volume) throws Exception {
    return (int)
        VolumeFacts.of(volume).keySet().stream().filter(name -> name.contains("name")).count();
  }

  private void crash() throws Exception {
    for (Path path : List.of(image, journal)) {
      Path crashed = path.resolveSibling(path.getFileName() + ".crashed");
      Files.write(path, Files.readAllBytes(crashed));
    }
  }

  private void assertClean() throws Exception {
    ExternalTool.Outcome check =
        ExternalTool.tryRun(List.of("e2fsck", "-fn", "-j", journal.toString(), image.toString()));
    assertEquals(0, check.exitCode(), check::output);
  }

  /** mke2fs takes only block devices as journals. */
  private void format(String options) throws Exception {
    String unused =
        ExternalTool.run(
            "sh",
            "-ec",
            """
            truncate -s 32M IMAGE; truncate -s 8M LOG
            log=$(losetup -f --show LOG); trap 'losetup -d $log' EXIT
            mke2fs -q -F -O journal_dev BLOCK $log
            mkfs.ext4 -q -F OPTIONS -J device=$log IMAGE
            """
                .replace("BLOCK", options.substring(0, 7))
                .replace("OPTIONS", options)
                .replace("IMAGE", image.toString())
                .replace("LOG", journal.toString()));
  }

  /** Runs a command on the kernel's mount. */
  private String kernel(String command) throws Exception {
    return ExternalTool.run(
        "sh",
        "-ec",
        """
        mkdir -p MOUNT
        log=$(losetup -f --show LOG); trap 'losetup -d $log' EXIT
        mount -t ext4 -o loop,journal_path=$log IMAGE MOUNT
        trap 'cd /; umount MOUNT; losetup -d $log' EXIT
        COMMAND
        """
            .replace("COMMAND", command)
            .replace("MOUNT", directory.resolve("mount").toString())
            .replace("IMAGE", image.toString())
            .replace("LOG", journal.toString()));
  }
}
