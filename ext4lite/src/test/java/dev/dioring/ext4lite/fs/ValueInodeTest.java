package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attribute values in inodes of their own: set, replaced, shared and freed. */
class ValueInodeTest {
  private static final long SEED = 20261202;
  private static final int FILES = 8;
  private static final int STEPS = 250;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Map<String, Map<String, byte[]>> model = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O ea_inode",
        "-b 1024 -O ea_inode",
        "-b 4096 -O ea_inode,^has_journal",
        "-b 1024 -O ea_inode,bigalloc -C 4096",
        "-b 4096 -O ea_inode,^metadata_csum -I 1024",
        "-b 1024 -O ea_inode,^extents,^64bit",
        "-b 4096 -O ea_inode,inline_data"
      })
  void randomValues(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "64M", options.split(" "));
    long freeBlocks;
    long freeInodes;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      freeBlocks = volume.freeBlocks();
      freeInodes = volume.usage().freeInodes();
    }
    for (int round = 0; round < 2; round++) {
      try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
        for (int step = 0; step < STEPS; step++) {
          step(volume, "f" + random.nextInt(FILES));
        }
        assertValues(volume);
      }
      image.assertClean();
      exchangeWithKernel(image);
    }
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertValues(volume);
      for (String name : model.keySet()) {
        volume.namespace().unlink(2, bytes(name));
      }
    }
    image.assertClean();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(freeBlocks, volume.freeBlocks());
      assertEquals(freeInodes, volume.usage().freeInodes());
    }
  }

  private void step(Ext4Volume volume, String name) throws Exception {
    Ext4Namespace names = volume.namespace();
    Map<String, byte[]> values = model.get(name);
    if (values == null) {
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 3, 4);
      names.forget(names.create(2, bytes(name), spec).inodeNr(), 1);
      model.put(name, new HashMap<>());
      return;
    }
    long nr = volume.resolve("/" + name).inodeNr();
    String attribute = "user.a" + random.nextInt(6);
    switch (random.nextInt(10)) {
      case 0 -> {
        names.unlink(2, bytes(name));
        model.remove(name);
      }
      case 1, 2 -> {
        if (values.remove(attribute) != null) {
          names.removeXattr(nr, attribute);
        }
      }
      default -> {
        byte[] value = new byte[size()];
        random.nextBytes(value);
        names.setXattr(nr, attribute, value, 0);
        values.put(attribute, value);
      }
    }
  }

  private int size() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(100);
      case 1 -> random.nextInt(2000);
      case 2 -> random.nextInt(10_000);
      default -> 1 + random.nextInt(65_535);
    };
  }

  private void assertValues(Ext4Volume volume) throws Exception {
    for (Map.Entry<String, Map<String, byte[]>> file : model.entrySet()) {
      Ext4Inode inode = volume.resolve("/" + file.getKey());
      assertEquals(file.getValue().keySet(), new java.util.HashSet<>(inode.xattrNames()));
      for (Map.Entry<String, byte[]> value : file.getValue().entrySet()) {
        assertArrayEquals(value.getValue(), inode.xattr(value.getKey()), "seed " + SEED);
      }
    }
  }

  /** The kernel gives several files one value, and with that one inode. */
  private void exchangeWithKernel(Ext4Image image) throws Exception {
    if (!LoopMount.isPossible()) {
      return;
    }
    byte[] shared = new byte[9000];
    random.nextBytes(shared);
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mnt"))) {
      for (Map.Entry<String, Map<String, byte[]>> file : model.entrySet()) {
        Path path = mount.directory().resolve(file.getKey());
        UserDefinedFileAttributeView view =
            Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        for (Map.Entry<String, byte[]> value : file.getValue().entrySet()) {
          String name = value.getKey().substring("user.".length());
          ByteBuffer found = ByteBuffer.allocate(view.size(name));
          assertEquals(value.getValue().length, view.read(name, found));
          assertArrayEquals(value.getValue(), found.array(), "seed " + SEED);
        }
        view.write("a1", ByteBuffer.wrap(shared));
        file.getValue().put("user.a1", shared);
      }
    }
    image.assertClean();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
