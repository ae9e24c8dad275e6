package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mount options of ext4 that decide something: those of the superblock, and those over them. */
class StoredOptionsTest {
  @TempDir Path temp = Path.of("");

  @Test
  void thoseOfTune2fsHold() throws Exception {
    Path image = image();
    tune(image, "-o", "bsdgroups,nobarrier,discard,nodelalloc", "-e", "remount-ro");
    try (Ext4Volume volume = open(image, "")) {
      Ext4Options rules = volume.rules();
      assertTrue(rules.groupOfDirectory() && rules.discards());
      assertFalse(rules.flushes() || rules.delays());
      assertEquals(OnError.REMOUNT_RO, rules.onError());
    }
    try (Ext4Volume volume = open(image, "sysvgroups,barrier,nodiscard,delalloc,errors=continue")) {
      Ext4Options rules = volume.rules();
      assertFalse(rules.groupOfDirectory() || rules.discards());
      assertTrue(rules.flushes() && rules.delays());
      assertEquals(OnError.CONTINUE, rules.onError());
    }
  }

  @Test
  void theListIsAppliedWholeOrNotAtAll() throws Exception {
    Path image = image();
    tune(image, "-o", "discard");
    list(image, "nodiscard,commit=11");
    try (Ext4Volume volume = open(image, "")) {
      assertFalse(volume.rules().discards());
      assertEquals(11_000_000_000L, volume.rules().commitNanos(1));
      assertEquals(0, volume.warnings().size(), volume.warnings().toString());
    }
    list(image, "nodiscard,unheard_of");
    try (Ext4Volume volume = open(image, "")) {
      assertTrue(volume.rules().discards());
      assertTrue(volume.warnings().toString().contains("unheard_of"));
    }
  }

  @Test
  void loggingContentsIsRefusedUnlessOverridden() throws Exception {
    Path image = image();
    tune(image, "-o", "journal_data");
    try (Ext4Volume volume = open(image, "")) {
      assertTrue(volume.readOnlyReason().contains("data=journal"), volume.readOnlyReason());
    }
    try (Ext4Volume volume = open(image, "data=ordered")) {
      assertEquals("", volume.readOnlyReason());
    }
    tune(image, "-o", "^journal_data", "-E", "mount_opts=data=journal");
    try (Ext4Volume volume = open(image, "")) {
      assertTrue(volume.readOnlyReason().contains("data=journal"), volume.readOnlyReason());
    }
    Ext4Image.of(image).assertClean();
  }

  @Test
  void grpidPassesTheGroupOnAndNotTheBit() throws Exception {
    Path image = image();
    try (Ext4Volume volume = open(image, "grpid")) {
      Ext4Namespace names = volume.namespace();
      NewInode shared = NewInode.of(FileKind.DIRECTORY, 02775, 0, 50);
      long directory = names.makeDirectory(Ext4Inode.ROOT_NR, bytes("shared"), shared).inodeNr();
      long changed =
          names
              .makeDirectory(directory, bytes("d"), NewInode.of(FileKind.DIRECTORY, 0755, 1, 1))
              .inodeNr();
      assertEquals(0, names.attributes(directory).gid(), "of the root");
      assertEquals(0, names.attributes(changed).gid());
      assertEquals(0, names.attributes(changed).mode() & 02000);
    }
    Ext4Image.of(image).assertClean();
  }

  @Test
  void minixdfCountsTheFilesystemsOwnBlocks() throws Exception {
    Path image = image();
    try (Ext4Volume volume = open(image, "minixdf")) {
      assertEquals(volume.superblock().blocksCount(), volume.usage().blocks());
    }
    try (Ext4Volume volume = open(image, "")) {
      assertTrue(volume.usage().blocks() < volume.superblock().blocksCount());
    }
  }

  @Test
  void projectQuotasNeedTheFeature() throws Exception {
    Path image = image();
    Ext4Exception refused = assertThrows(Ext4Exception.class, () -> open(image, "prjquota"));
    assertEquals(Errno.EINVAL, refused.errno());
    assertTrue(String.valueOf(refused.getMessage()).contains("tune2fs -O project"));
  }

  private Path image() throws Exception {
    return Ext4Image.make(temp.resolve("image"), "16M").file();
  }

  private static void tune(Path image, String... options) throws Exception {
    String[] line = new String[options.length + 2];
    line[0] = "tune2fs";
    System.arraycopy(options, 0, line, 1, options.length);
    line[options.length + 1] = image.toString();
    String unused = ExternalTool.run(line);
  }

  /** tune2fs takes a single one: to it a comma ends them. */
  private static void list(Path image, String options) throws Exception {
    String unused =
        ExternalTool.run(
            "debugfs", "-w", "-R", "set_super_value mount_opts " + options, image.toString());
  }

  private static Ext4Volume open(Path image, String options) throws IOException {
    Behaviour behaviour =
        new Behaviour(Ext4Options.of(options), AccessTimes.NEVER, AccessTimes.NEVER, false, false);
    VolumeOptions how =
        VolumeOptions.READ_WRITE
            .withBehaviour(behaviour)
            .withDevice(VolumeOptions.READ_WRITE.device().withBuffered(true));
    return Ext4Volume.open(image, how);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
