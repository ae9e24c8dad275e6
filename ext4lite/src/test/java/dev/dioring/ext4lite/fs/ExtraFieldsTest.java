package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inodes that were made with fewer fields than their volume wants. */
class ExtraFieldsTest {
  /** Needs the fields: it is after 2038 and has nanoseconds. */
  private static final Instant LATER = Instant.parse("2107-03-04T05:06:07.123456789Z");

  private @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"0, -t ext4", "4, -t ext4", "20, -O ^metadata_csum", "0, -t ext3 -I 256"})
  void anInodeGetsTheFieldsThatItLacks(int before, String options) throws Exception {
    Path content = Files.createDirectory(temp.resolve("content"));
    Files.writeString(content.resolve("file"), "content");
    Files.createDirectory(content.resolve("dir"));
    Ext4Image image =
        Ext4Image.populated(temp.resolve("image"), "16M", content, options.split(" "));
    image.debugfsWrite("sif file extra_isize " + before, "sif dir extra_isize " + before);
    change(image, "file");
    change(image, "dir");
    image.assertClean();
    for (String name : new String[] {"file", "dir"}) {
      String stat = image.debugfs("stat " + name);
      assertTrue(stat.contains("Size of extra inode fields: 32\n"), stat);
      assertEquals(LATER, modified(image, name));
    }
    try (LoopMount mount = LoopMount.readOnly(image.file(), temp.resolve("mount"))) {
      Path file = mount.directory().resolve("file");
      assertEquals(LATER, Files.getLastModifiedTime(file).toInstant());
      assertEquals("content", Files.readString(file));
    }
  }

  @Test
  void oneWithAttributesBehindThemStaysAsItIs() throws Exception {
    Path content = Files.createDirectory(temp.resolve("content"));
    Files.writeString(content.resolve("plain"), "content");
    Files.writeString(content.resolve("named"), "content");
    ExternalTool.run("setfattr", "-n", "user.name", "-v", "value", content.resolve("named") + "");
    Ext4Image image = Ext4Image.populated(temp.resolve("image"), "16M", content, "-I", "512");
    image.debugfsWrite("ssv want_extra_isize 128");
    change(image, "plain");
    change(image, "named");
    image.assertClean();
    assertTrue(image.debugfs("stat plain").contains("Size of extra inode fields: 128\n"));
    String named = image.debugfs("stat named");
    assertTrue(named.contains("Size of extra inode fields: 32\n"), named);
    assertTrue(named.contains("user.name (5) = \"value\""), named);
    assertEquals(LATER, modified(image, "named"));
  }

  /** As they will be when the inode has them, so that nobody sees a time change by itself. */
  @ParameterizedTest
  @CsvSource({"128, 2026-11-28T12:34:56Z", "256, 2026-11-28T12:34:56.789Z"})
  void timesThatAreNotStoredYetAreShownAsExactAsTheInodeIs(int inodeBytes, Instant shown)
      throws Exception {
    Clock clock = Clock.fixed(Instant.parse("2026-11-28T12:34:56.789Z"), ZoneOffset.UTC);
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M", "-I", "" + inodeBytes);
    VolumeOptions options = VolumeOptions.READ_WRITE.withClock(clock);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), options);
        Arena arena = Arena.ofShared()) {
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      byte[] name = FileName.encode("file");
      long inodeNr = volume.namespace().create(Ext4Inode.ROOT_NR, name, spec).inodeNr();
      try (Ext4File file = volume.openFile(inodeNr, true)) {
        MemorySegment memory = arena.allocate(4096, 4096);
        assertEquals(4096, file.io().write(0, memory, 0));
        assertEquals(4096, file.io().write(0, memory, 0), "into its place: the time waits");
        assertEquals(shown, volume.namespace().attributes(inodeNr).modificationTime());
      }
    }
    image.assertClean();
  }

  private static void change(Ext4Image image, String name) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      long inodeNr = volume.resolve("/" + name).inodeNr();
      InodeAttributes unused =
          volume.namespace().change(inodeNr, AttributeChange.NONE.withModificationTime(LATER));
    }
  }

  private static Instant modified(Ext4Image image, String name) throws Exception {
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      long inodeNr = volume.resolve("/" + name).inodeNr();
      return volume.namespace().attributes(inodeNr).modificationTime();
    }
  }
}
