package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A corrupt structure that is met while a volume is in use: who hears of it, and what follows. */
class RunTimeCorruptionTest {
  private static final int PERMISSIONS = 0700;

  /** EXT4_ERR_EFSBADCRC of the format. */
  private static final int CHECKSUM_ERROR = 4;

  @TempDir Path directory = Path.of("");

  @Test
  void aNumberThatIsNobodysAnyMoreIsNoCorruption() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      byte[] name = FileName.encode("file");
      long gone = names.create(Ext4Inode.ROOT_NR, name, spec).inodeNr();
      names.unlink(Ext4Inode.ROOT_NR, name);
      names.forget(gone, 1);
      Ext4Exception e = assertThrows(Ext4Exception.class, () -> names.attributes(gone));
      assertEquals(Errno.ENOENT, e.errno());
      assertEquals(0, volume.superblock().errors().count());
    }
    image.assertClean();
  }

  /** What is corrupt, and who meets it. */
  enum Victim {
    INODE("inode") {
      @Override
      void meet(Ext4Volume volume) throws IOException {
        CorruptImage.reading("/dir/file").at(volume);
      }

      @Override
      long byteOffset(CorruptImage image) {
        return image.inode("/dir/file") + 0x64;
      }
    },
    DIRECTORY("directory") {
      @Override
      void meet(Ext4Volume volume) throws IOException {
        CorruptImage.listing("/dir").at(volume);
      }

      @Override
      long byteOffset(CorruptImage image) {
        return image.at(image.fileBlock("/dir", 0)) + 40;
      }
    },
    EXTENTS("extent node") {
      @Override
      void meet(Ext4Volume volume) throws IOException {
        CorruptImage.reading("/sparse").at(volume);
      }

      @Override
      long byteOffset(CorruptImage image) {
        return image.at(image.i32(image.inode("/sparse") + 0x28 + 12 + 4)) + 14;
      }
    },
    BLOCK_BITMAP("block bitmap") {
      @Override
      void meet(Ext4Volume volume) throws IOException {
        allocate(volume);
      }

      @Override
      long byteOffset(CorruptImage image) {
        return image.at(image.descriptorOf(0).blockBitmapBlockNr()) + 1000;
      }
    },
    INODE_BITMAP("inode bitmap") {
      @Override
      void meet(Ext4Volume volume) throws IOException {
        makeFile(volume);
      }

      @Override
      long byteOffset(CorruptImage image) {
        return image.at(image.descriptorOf(0).inodeBitmapBlockNr()) + 100;
      }
    };

    final String structure;

    Victim(String structure) {
      this.structure = structure;
    }

    abstract void meet(Ext4Volume volume) throws IOException;

    abstract long byteOffset(CorruptImage image);
  }

  @ParameterizedTest
  @CsvSource({
    "INODE, -J size=1, REMOUNT_RO",
    "INODE, -O ^has_journal, CONTINUE",
    "DIRECTORY, -J size=1, CONTINUE",
    "DIRECTORY, -O ^has_journal, REMOUNT_RO",
    "EXTENTS, -J size=1, REMOUNT_RO",
    "EXTENTS, -O ^has_journal, REMOUNT_RO",
    "BLOCK_BITMAP, -J size=1, CONTINUE",
    "BLOCK_BITMAP, -O ^has_journal, CONTINUE",
    "INODE_BITMAP, -J size=1, REMOUNT_RO",
    "INODE_BITMAP, -O ^has_journal, CONTINUE",
  })
  void itIsRecordedAndTheVolumeDoesAsItIsTold(Victim victim, String options, OnError onError)
      throws Exception {
    Path image = corrupted(victim, options);
    Behaviour d = Behaviour.DEFAULT;
    Behaviour behaviour =
        new Behaviour(
            Ext4Options.of("errors=" + onError.option()),
            d.accessTimes(),
            d.directoryAccessTimes(),
            false,
            false);
    try (Ext4Volume volume = Ext4Volume.open(image, buffered().withBehaviour(behaviour))) {
      Ext4Exception met = assertThrows(Ext4Exception.class, () -> victim.meet(volume));
      assertEquals(Errno.EUCLEAN, met.errno());
      assertTrue(String.valueOf(met.getMessage()).contains(victim.structure), met.getMessage());
      if (onError == OnError.CONTINUE) {
        touch(volume);
      } else {
        assertEquals(Errno.EROFS, assertThrows(Ext4Exception.class, () -> touch(volume)).errno());
      }
    } catch (Ext4Exception | dev.dioring.ext4lite.journal.ReadOnlyVolumeException closing) {
      // A volume that was stopped says so once more when it is closed.
      assertEquals(OnError.REMOUNT_RO, onError, closing.getMessage());
    }
    Map<String, String> header = Ext4Image.of(image).header();
    assertTrue(header.get("Filesystem state").contains("with errors"), header.toString());
    assertTrue(Integer.parseInt(header.get("FS Error count")) >= 1, header.toString());
    assertTrue(header.get("First error function").startsWith(victim.structure), header.toString());
    byte[] superblock = Files.readAllBytes(image);
    assertEquals(CHECKSUM_ERROR, superblock[1024 + 0x27a], "s_first_error_errcode");
    Ext4Image.of(image).settle();
    Ext4Image.of(image).assertClean();
  }

  @Test
  void inodeAndBlockAreInTheRecord() throws Exception {
    Path image = corrupted(Victim.EXTENTS, "-J size=1");
    long inodeNr = new CorruptImage(Files.readAllBytes(image)).inodeNr("/sparse");
    try (Ext4Volume volume = Ext4Volume.open(image, buffered())) {
      assertThrows(Ext4Exception.class, () -> Victim.EXTENTS.meet(volume));
    }
    Map<String, String> header = Ext4Image.of(image).header();
    assertEquals(Long.toString(inodeNr), header.get("Last error inode #"), header.toString());
    assertTrue(Long.parseLong(header.get("Last error block #")) > 0, header.toString());
  }

  /** Not the next sync, which may never come: the writer has gone by then. */
  @Test
  void whoWritesIsTold() throws Exception {
    Path image = corrupted(Victim.EXTENTS, "-J size=1");
    try (Ext4Volume volume = Ext4Volume.open(image, buffered());
        Arena arena = Arena.ofShared();
        Ext4File file = volume.openFile(volume.resolve("/sparse"), true)) {
      MemorySegment data = arena.allocate(4096, 4096);
      long end = file.sizeBytes();
      assertEquals(-Errno.EAGAIN, file.writeLater(end, data.asSlice(0, 4)));
      assertEquals(-Errno.EUCLEAN, file.writeBytes(end & -4096, 4, data, 0));
      assertEquals(end, file.sizeBytes());
    }
  }

  @Test
  void readersOnlyHearOfIt() throws Exception {
    Path image = corrupted(Victim.DIRECTORY, "-J size=1");
    byte[] before = Files.readAllBytes(image);
    try (Ext4Volume volume = Ext4Volume.open(image, buffered().withReadOnly(true))) {
      assertThrows(Ext4Exception.class, () -> Victim.DIRECTORY.meet(volume));
    }
    assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(image)));
  }

  private static VolumeOptions buffered() {
    return VolumeOptions.READ_WRITE.withDevice(
        VolumeOptions.READ_WRITE.device().withBuffered(true));
  }

  private Path corrupted(Victim victim, String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(Files.createDirectory(content.resolve("dir")).resolve("file"), "content");
    try (RandomAccessFile sparse = new RandomAccessFile(content.resolve("sparse").toFile(), "rw")) {
      for (int i = 0; i < 40; i++) {
        sparse.seek(i * 8192L);
        sparse.write(new byte[] {1, 2, 3, 4});
      }
    }
    Path file = directory.resolve("disk.img");
    String[] words = ("-b 1024 " + options).split(" ");
    CorruptImage image = new CorruptImage(Ext4Image.populated(file, "16M", content, words).bytes());
    long at = victim.byteOffset(image);
    image.put8(at, image.u8(at) ^ 0x10);
    return Files.write(file, image.bytes());
  }

  private static void makeFile(Ext4Volume volume) throws IOException {
    NewInode file = NewInode.of(FileKind.REGULAR, PERMISSIONS, 0, 0);
    InodeAttributes unused =
        volume.namespace().create(Ext4Inode.ROOT_NR, FileName.encode("more"), file);
  }

  private static void allocate(Ext4Volume volume) throws IOException {
    try (Ext4File file = volume.openFile(volume.resolve("/dir/file"), true)) {
      file.fallocate(0, 1 << 16, false);
    }
  }

  private static void touch(Ext4Volume volume) throws IOException {
    InodeAttributes unused =
        volume
            .namespace()
            .change(Ext4Inode.ROOT_NR, AttributeChange.NONE.withMode(040000 | PERMISSIONS));
  }
}
