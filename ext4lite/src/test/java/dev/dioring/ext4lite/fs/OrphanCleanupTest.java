package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inodes that a crash left without a name, or too long, are brought in order when opening. */
class OrphanCleanupTest {
  private static final int FILES = 12;

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -g 1024",
        "-b 1024 -O orphan_file",
        "-b 4096 -O orphan_file,^metadata_csum",
        "-t ext3 -b 1024",
        "-t ext3 -b 4096 -I 128"
      })
  void inodesInUseAtTheCrashAreDeleted(String mkfs) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "48M", mkfs.split(" ", -1));
    Ext4Image unused =
        CrashedImage.crash(image, directory.resolve("after"), "", this::leaveOrphans);
    Ext4Image crashed = Ext4Image.of(directory.resolve("crashed"));
    Ext4Image ours = Ext4Image.of(Files.copy(crashed.file(), directory.resolve("ours")));
    try (Ext4Volume volume = Ext4Volume.open(ours.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      assertEquals(0, volume.superblock().lastOrphanInodeNr());
    }
    ours.assertClean();
    assertFalse(ours.header().get("Filesystem features").contains("orphan_present"));
    Ext4Image theirs = Ext4Image.of(Files.copy(crashed.file(), directory.resolve("theirs")));
    assertNotEquals(
        0, ExternalTool.tryRun(List.of("e2fsck", "-fy", theirs.file().toString())).exitCode());
    for (String count : List.of("Free blocks", "Free inodes")) {
      assertEquals(theirs.header().get(count), ours.header().get(count), count);
    }
    assertEquals(facts(theirs), facts(ours));
  }

  private void leaveOrphans(Path mounted) throws Exception {
    CrashedImage.rounds(3, 1).run(mounted);
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (int i = 0; i < FILES; i++) {
        Path file = mounted.resolve("orphan" + i);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
          for (int at = 0; at < i * 30; at++) {
            out.seek(at * 9000L);
            out.write(at);
          }
        }
        if (i % 2 == 0) {
          // Too large for the inode, and alike, so that the block is shared.
          ExternalTool.run("setfattr", "-n", "user.large", "-v", "x".repeat(500), "" + file);
        }
        CrashedImage.commit(file);
        if (i % 5 != 4) {
          open.add(FileChannel.open(file, StandardOpenOption.READ));
          Files.delete(file);
        }
      }
      Path gone = Files.createDirectory(mounted.resolve("gone"));
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(gone)) {
        Files.delete(gone);
        assertFalse(stream.iterator().hasNext());
        CrashedImage.commit(Files.writeString(mounted.resolve("last"), "commits all"));
        // Now, while they are open.
        Files.copy(directory.resolve("image"), directory.resolve("crashed"));
      }
    } finally {
      for (AutoCloseable one : open) {
        one.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b 1024", "-b 1024 -O ^has_journal", "-t ext2 -b 1024"})
  void whatLiesBehindTheEndIsFreedAndZeroed(String mkfs) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    byte[] bytes = new byte[700_000];
    Arrays.fill(bytes, (byte) 7);
    Files.write(content.resolve("file"), bytes);
    Ext4Image image =
        Ext4Image.populated(directory.resolve("image"), "24M", content, mkfs.split(" ", -1));
    String stat = image.debugfs("stat file");
    String number = stat.replaceAll("(?s).*Inode: (\\d+).*", "$1");
    image.debugfsWrite("sif file size 300100", "ssv last_orphan " + number);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
    }
    image.assertClean();
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mounted"))) {
      Path file = mount.directory().resolve("file");
      try (RandomAccessFile grown = new RandomAccessFile(file.toFile(), "rw")) {
        assertEquals(300_100, grown.length());
        grown.setLength(302_000);
      }
      byte[] expected = Arrays.copyOf(Arrays.copyOf(bytes, 300_100), 302_000);
      assertEquals(-1, Arrays.mismatch(expected, Files.readAllBytes(file)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "99999", "12"})
  void aListThatLeadsToNoOrphanEndsThere(String number) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "24M", "-b", "1024");
    image.debugfsWrite("ssv last_orphan " + number);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      assertEquals(0, volume.superblock().lastOrphanInodeNr());
      makeDirectory(volume);
    }
    assertEquals("clean with errors", image.header().get("Filesystem state"));
    assertEquals("1", image.header().get("FS Error count"));
    ExternalTool.run("e2fsck", "-fy", "" + image.file());
    image.assertClean();
  }

  @Test
  void errorsRemountRoKeepsTheListForOthers() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "24M", "-e", "remount-ro");
    image.debugfsWrite("ssv last_orphan 1");
    Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
    try {
      Ext4Exception refused = assertThrows(Ext4Exception.class, () -> makeDirectory(volume));
      assertEquals(Errno.EROFS, refused.errno());
    } finally {
      // A volume that was stopped says so once more.
      assertThrows(ReadOnlyVolumeException.class, volume::close);
    }
    assertTrue(image.header().get("Filesystem state").contains("with errors"));
  }

  private static void makeDirectory(Ext4Volume volume) throws IOException {
    InodeAttributes unused =
        volume
            .namespace()
            .makeDirectory(
                Ext4Inode.ROOT_NR,
                FileName.encode("d"),
                NewInode.of(FileKind.DIRECTORY, 0755, 0, 0));
  }

  private Map<String, FileFacts> facts(Ext4Image image) throws Exception {
    try (LoopMount mounted = LoopMount.readOnly(image.file(), directory.resolve("mounted"))) {
      return KernelFacts.of(mounted.directory());
    }
  }
}
