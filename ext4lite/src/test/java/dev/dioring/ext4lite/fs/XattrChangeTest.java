package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.PosixAcl;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FileFacts;
import dev.dioring.ext4lite.testimage.KernelFacts;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attributes that are set and removed, in inodes and in blocks, and access lists. */
class XattrChangeTest {
  private static final long SEED = 20261126;
  private static final NewInode FILE = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
  private static final NewInode DIRECTORY = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -O ^has_journal",
        "-b 4096 -I 128",
        "-b 4096 -I 1024",
        "-b 4096 -O ^has_journal,^metadata_csum"
      })
  void randomAttributes(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M", options.split(" "));
    Random random = new Random(SEED);
    Map<String, Map<String, String>> model = new TreeMap<>();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      List<Long> files = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        files.add(names.create(2, bytes("file" + i), FILE).inodeNr());
        model.put("/file" + i, new TreeMap<>());
      }
      for (int step = 0; step < 600; step++) {
        int file = random.nextInt(files.size());
        String name =
            new String[] {"user.", "trusted.", "security."}[random.nextInt(3)]
                + "n"
                + random.nextInt(12);
        Map<String, String> expected = model.get("/file" + file);
        if (random.nextInt(3) == 0) {
          int errno = expected.remove(name) == null ? Errno.ENODATA : 0;
          assertEquals(errno, errno(() -> names.removeXattr(files.get(file), name)));
        } else {
          byte[] value = new byte[random.nextInt(180)];
          random.nextBytes(value);
          int result = errno(() -> names.setXattr(files.get(file), name, value, 0));
          if (result == 0) {
            expected.put(name, HexFormat.of().formatHex(value));
          } else {
            assertEquals(Errno.ENOSPC, result, "seed " + SEED);
          }
        }
      }
      int exists = errno(() -> names.setXattr(files.get(0), "user.q", bytes("1"), 2));
      assertEquals(Errno.ENODATA, exists);
      names.unlink(2, bytes("file7"));
      model.remove("/file7");
      names.forget(files.get(7), 1);
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      Map<String, FileFacts> facts = VolumeFacts.of(volume);
      for (Map.Entry<String, Map<String, String>> file : model.entrySet()) {
        FileFacts expected = new FileFacts().put("xattrs", file.getValue());
        assertEquals(expected, facts.get(file.getKey()).restrictedTo(expected), "seed " + SEED);
      }
    }
    try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mnt"))) {
      Map<String, FileFacts> facts = KernelFacts.of(mount.directory());
      for (Map.Entry<String, Map<String, String>> file : model.entrySet()) {
        FileFacts expected = new FileFacts().put("xattrs", file.getValue());
        assertEquals(expected, facts.get(file.getKey()).restrictedTo(expected), "seed " + SEED);
      }
    }
  }

  @Test
  void accessListsKeepTheModeInStep() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M");
    HexFormat hex = HexFormat.of();
    byte[] list =
        hex.parseHex(
            "02000000"
                + "01000700ffffffff"
                + "02000600e8030000"
                + "04000500ffffffff"
                + "10000700ffffffff"
                + "20000100ffffffff");
    String access = "system.posix_acl_access";
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      long dir = names.makeDirectory(2, bytes("dir"), DIRECTORY).inodeNr();
      names.setXattr(dir, "system.posix_acl_default", list, 0);
      long file = names.create(dir, bytes("file"), FILE.withUmask(077)).inodeNr();
      assertEquals(0640, names.attributes(file).mode() & 0777);
      assertEquals(
          "user::rw-,user:1000:rw-,group::r-x,mask::r--,other::---",
          PosixAcl.text(names.xattr(file, access)));
      names.change(file, AttributeChange.NONE.withMode(0600));
      assertEquals(
          "user::rw-,user:1000:rw-,group::r-x,mask::---,other::---",
          PosixAcl.text(names.xattr(file, access)));
      names.setXattr(file, access, list, 0);
      assertEquals(0771, names.attributes(file).mode() & 0777);
      names.removeXattr(file, access);
      assertNull(names.xattr(file, access));
      long sub = names.makeDirectory(dir, bytes("sub"), DIRECTORY).inodeNr();
      assertEquals(
          hex.formatHex(list), hex.formatHex(names.xattr(sub, "system.posix_acl_default")));
      Ext4Exception failure =
          assertThrows(
              Ext4Exception.class, () -> names.setXattr(file, "system.posix_acl_default", list, 0));
      assertEquals(Errno.EACCES, failure.errno());
    }
    image.assertClean();
  }

  private interface Operation {
    void run() throws Ext4Exception;
  }

  private static int errno(Operation operation) {
    try {
      operation.run();
      return 0;
    } catch (Ext4Exception e) {
      return e.errno();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
