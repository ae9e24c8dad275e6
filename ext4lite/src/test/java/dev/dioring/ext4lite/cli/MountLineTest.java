package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is read without the command-line library means the same as with it. */
class MountLineTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount disk.img /mnt",
        "mount -v disk.img /mnt",
        "mount -f -o ro disk.img /mnt",
        "mount disk.img /mnt -o rw,nosuid",
        "mount -o ro -o offset=1048576 --verbose disk.img --foreground /mnt",
        "mount --as-helper disk.img /mnt -o rw,nodev",
        "mount --as-helper disk.img /mnt -v -o rw",
      })
  void usualLinesAreReadAsTheLibraryDoes(String line) {
    String[] arguments = line.split(" ");
    MountCommand expected = new MountCommand();
    new CommandLine(expected).parseArgs(Arrays.copyOfRange(arguments, 1, arguments.length));
    MountCommand read = MountLine.read(arguments);
    assertNotNull(read);
    assertEquals(expected.toString(), read.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount",
        "mount disk.img",
        "mount disk.img /mnt more",
        "mount --help",
        "mount --partition 1 disk.img /mnt",
        "mount --log-file=log disk.img /mnt",
        "mount disk.img /mnt -o",
        "mount disk.img -o -v /mnt",
        "mount -oro disk.img /mnt",
        "mount -vf disk.img /mnt",
        "mount @file /mnt",
        "mount --as-helper disk.img /mnt -f",
        "mount --as-helper disk.img /mnt -s -o rw",
        "umount /mnt",
      })
  void whatIsNotUsualIsLeftToTheLibrary(String line) {
    assertNull(MountLine.read(line.split(" ")));
  }
}
