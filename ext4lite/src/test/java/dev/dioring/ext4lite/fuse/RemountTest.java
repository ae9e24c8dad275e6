package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that are changed while a volume is mounted. */
class RemountTest {
  @TempDir Path temp = Path.of("");

  @Test
  void readOnlyLeavesEverythingOnTheImage() throws Exception {
    MountedImage.assumePossible();
    Path image = Ext4Image.make(temp.resolve("image"), "16M").file();
    try (MountedImage mount = MountedImage.mount(image, temp.resolve("m"))) {
      mount.run("seq 1000 > numbers");
      Remount.of(mount.directory()).run(List.of("remount,ro,relatime,user_id=0"), true);
      assertTrue(mount.tryRun("touch f").output().contains("Read-only file system"));
      // As a crash would leave it: nothing was unmounted.
      Path copy = Files.copy(image, temp.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
      Ext4Image.of(copy).settle();
      Ext4Image.of(copy).assertClean();
      assertTrue(Ext4Image.of(copy).debugfs("stat /numbers").contains("Size: 3893"));
      Remount.of(mount.directory()).run(List.of("remount,rw"), true);
      mount.run("touch f");
    }
    Ext4Image.of(image).assertClean();
  }

  @Test
  void kernelFlagsAreThoseAskedForOrAsBefore() throws Exception {
    MountedImage.assumePossible();
    Path image = Ext4Image.make(temp.resolve("image"), "8M").file();
    try (MountedImage mount = MountedImage.mount(image, temp.resolve("m"), "noatime,commit=7")) {
      Remount.of(mount.directory()).run(List.of("remount", "noexec"), false);
      assertEquals(List.of("nosuid", "nodev", "noexec"), restrictions(mount));
      Remount.of(mount.directory()).run(List.of("remount,nodev,noatime,commit=7"), true);
      assertEquals(List.of("nodev"), restrictions(mount));
    }
  }

  @Test
  void whatCannotBeChangedIsNamed() throws Exception {
    MountedImage.assumePossible();
    Path image = Ext4Image.make(temp.resolve("image"), "8M").file();
    try (MountedImage mount = MountedImage.mount(image, temp.resolve("m"))) {
      Remount remount = Remount.of(mount.directory());
      for (String option : List.of("commit=9", "noatime", "sync", "noacl", "nobarrier")) {
        IllegalArgumentException refused =
            assertThrows(
                IllegalArgumentException.class,
                () -> remount.run(List.of("remount,ro," + option), true));
        assertTrue(String.valueOf(refused.getMessage()).contains(" " + option + ":"), option);
      }
      try (OutputStream open = Files.newOutputStream(mount.directory().resolve("f"))) {
        open.write(1);
        MountException busy =
            assertThrows(MountException.class, () -> remount.run(List.of("remount,ro"), true));
        assertEquals(Errno.EBUSY, busy.errno());
      }
    }
    try (MountedImage mount = MountedImage.mount(image, temp.resolve("m"), "ro")) {
      Remount remount = Remount.of(mount.directory());
      MountException refused =
          assertThrows(MountException.class, () -> remount.run(List.of("remount,rw"), true));
      assertEquals(Errno.EROFS, refused.errno());
    }
    assertFalse(Remount.isWanted(List.of("rw,remounted")));
    assertThrows(MountException.class, () -> Remount.of(temp));
  }

  private static List<String> restrictions(MountedImage mount) throws Exception {
    MountTable.Entry entry = MountTable.read().find(mount.directory().toRealPath());
    return Objects.requireNonNull(entry).options().stream()
        .filter(List.of("nosuid", "nodev", "noexec")::contains)
        .toList();
  }
}
