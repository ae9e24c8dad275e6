package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that no transaction of the smallest journal has room for fail, and change nothing. */
class SmallJournalTest {
  private static final byte[] NAME = "file".getBytes(UTF_8);
  private static final int VALUES = 100;
  private static final int VALUE_BYTES = 5000;

  @TempDir Path directory;

  @Test
  void whatCanBeMadeCanBeDeleted() throws Exception {
    Ext4Image image = image("size=4");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Exception full = assertThrows(Ext4Exception.class, () -> addValues(volume));
      assertEquals(Errno.ENOSPC, full.errno());
      volume.namespace().unlink(Ext4Inode.ROOT_NR, NAME);
    }
    image.assertClean();
  }

  @Test
  void whatCannotBeDeletedKeepsItsName() throws Exception {
    Ext4Image image = image("size=64");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      addValues(volume);
    }
    String unused = ExternalTool.run("tune2fs", "-O", "^has_journal", image.file().toString());
    unused = ExternalTool.run("tune2fs", "-J", "size=4", image.file().toString());
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      make(names, "other");
      Ext4Exception refused =
          assertThrows(Ext4Exception.class, () -> names.unlink(Ext4Inode.ROOT_NR, NAME));
      assertEquals(Errno.ENOSPC, refused.errno());
      assertTrue(String.valueOf(refused.getMessage()).contains("too large for the journal"));
      byte[] other = "other".getBytes(UTF_8);
      assertThrows(
          Ext4Exception.class,
          () -> names.rename(Ext4Inode.ROOT_NR, other, Ext4Inode.ROOT_NR, NAME, 0));
      InodeAttributes found = names.lookup(Ext4Inode.ROOT_NR, NAME);
      assertNotNull(found);
      assertEquals(VALUES, names.xattrNames(found.inodeNr()).size());
      names.forget(found.inodeNr(), 1);
    }
    image.assertClean();
  }

  private Ext4Image image(String journal) throws Exception {
    Path file = directory.resolve("image");
    return Ext4Image.make(file, "200M", "-b", "4096", "-O", "ea_inode", "-J", journal);
  }

  private static long make(Ext4Namespace names, String name) throws Exception {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    long made = names.create(Ext4Inode.ROOT_NR, name.getBytes(UTF_8), spec).inodeNr();
    names.forget(made, 1);
    return made;
  }

  private static void addValues(Ext4Volume volume) throws Exception {
    long inodeNr = make(volume.namespace(), "file");
    byte[] value = new byte[VALUE_BYTES];
    for (int i = 0; i < VALUES; i++) {
      new Random(i).nextBytes(value);
      volume.namespace().setXattr(inodeNr, "user." + i, value, 0);
    }
  }
}
