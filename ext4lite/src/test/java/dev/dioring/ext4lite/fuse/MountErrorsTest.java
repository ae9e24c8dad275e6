package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be mounted is refused in one line, and leaves nothing behind. */
class MountErrorsTest {
  private static final OpenOptions BUFFERED = OpenOptions.DEFAULT.withBuffered(true);

  @TempDir Path temp = Path.of("");

  private Path image = Path.of("");

  @BeforeEach
  void makeImage() throws Exception {
    MountedImage.assumePossible();
    image = Ext4Image.make(temp.resolve("image"), "8M").file();
  }

  @Test
  void badMountPointsAreRefused() throws Exception {
    assertRefused(Errno.ENOENT, temp.resolve("missing"));
    assertRefused(Errno.ENOTDIR, Files.createFile(temp.resolve("file")));
    assertRefused(Errno.EBUSY, Path.of("/proc"));
  }

  @Test
  void imageInUseIsRefused() throws Exception {
    Path second = Files.createDirectory(temp.resolve("second"));
    try (MountedImage mount = MountedImage.mount(image, temp.resolve("first"))) {
      Ext4Exception refused =
          assertThrows(
              Ext4Exception.class, () -> FuseMount.mount(image, second, BUFFERED, List.of()));
      assertEquals(Errno.EBUSY, refused.errno());
      assertRefused(Errno.EBUSY, mount.directory());
    }
  }

  /** As by a umount that comes right after the mount: nobody may wait for requests then. */
  @Test
  void mountThatIsTakenAwayBeforeItAnswersIsGivenUp() throws Exception {
    MountPoint point = MountPoint.of(Files.createDirectory(temp.resolve("taken")));
    MountOptions options = MountOptions.parse(List.of(), true);
    Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_WRITE.withDevice(BUFFERED));
    int fd = point.mount("taken", options, Negotiation.TRANSFER_BYTES_MAX);
    point.unmount(Unmount.Manner.PLAIN);
    Session session = new Session(fd, volume, options, "");
    MountException refused = assertThrows(MountException.class, session::start);
    assertEquals(Errno.ENOTCONN, refused.errno());
    MountedImage.mount(image, temp.resolve("again")).close();
  }

  @Test
  void directoryThatHoldsNoMountCannotBeUnmounted() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("plain"));
    MountException refused =
        assertThrows(MountException.class, () -> Unmount.of(directory).run(Unmount.Manner.PLAIN));
    assertEquals(Errno.EINVAL, refused.errno());
  }

  private void assertRefused(int errno, Path directory) {
    MountException refused =
        assertThrows(
            MountException.class, () -> FuseMount.mount(image, directory, BUFFERED, List.of()));
    assertEquals(errno, refused.errno());
    assertEquals(1, String.valueOf(refused.getMessage()).lines().count());
  }
}
