package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files in their inodes, and the way out of them, compared with a model and the kernel. */
class InlineFileTest {
  private static final long SEED = 20261201;
  private static final int FILES = 24;
  private static final int STEPS = 600;
  private static final int ALIGNMENT = 4096;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Map<String, byte[]> contents = new TreeMap<>();
  private int stepsInline;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O inline_data",
        "-b 1024 -O inline_data -I 512",
        "-b 1024 -O inline_data -I 1024 -J size=1",
        "-b 4096 -O inline_data,^has_journal",
        "-b 4096 -O inline_data,^metadata_csum",
        "-b 1024 -O inline_data,^extents,^64bit"
      })
  void randomChanges(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "32M", options.split(" "));
    for (int round = 0; round < 2; round++) {
      try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
          Arena arena = Arena.ofShared()) {
        MemorySegment memory = arena.allocate(4 * ALIGNMENT, ALIGNMENT);
        for (int i = 0; i < STEPS; i++) {
          step(volume, "f" + random.nextInt(FILES), memory);
        }
        assertContents(volume, memory);
      }
      image.assertClean();
      exchangeWithKernel(image);
    }
    assertTrue(stepsInline > STEPS / 5, stepsInline + " changes of inline content");
  }

  private void step(Ext4Volume volume, String name, MemorySegment memory) throws Exception {
    Ext4Namespace names = volume.namespace();
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] old = contents.get(name);
    if (old == null) {
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      names.forget(names.create(2, bytes, spec).inodeNr(), 1);
      contents.put(name, new byte[0]);
      return;
    }
    long nr = volume.resolve("/" + name).inodeNr();
    switch (random.nextInt(20)) {
      case 0, 5, 6 -> {
        names.unlink(2, bytes);
        contents.remove(name);
      }
      case 1 -> {
        int size = random.nextInt(random.nextInt(10) == 0 ? 6000 : 110);
        names.change(nr, AttributeChange.NONE.withSizeBytes(size));
        contents.put(name, Arrays.copyOf(old, size));
      }
      case 2 -> names.setXattr(nr, "user.a", random(random.nextInt(24)), 0);
      case 3 -> {
        int length = 1 + random.nextInt(100);
        names.ranges().punch(nr, 20, length);
        Arrays.fill(old, Math.min(20, old.length), Math.min(20 + length, old.length), (byte) 0);
      }
      case 4 -> {
        try (Ext4File file = names.open(nr, true)) {
          byte[] content = random(ALIGNMENT);
          MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, 0, ALIGNMENT);
          assertEquals(ALIGNMENT, file.io().write(0, memory.asSlice(0, ALIGNMENT), 0));
          put(name, 0, content);
        }
      }
      default -> write(names, name, nr, memory);
    }
    if (contents.containsKey(name)) {
      stepsInline += volume.inode(nr).isInline() ? 1 : 0;
      assertContent(volume, name, memory);
    }
  }

  private void write(Ext4Namespace names, String name, long nr, MemorySegment memory)
      throws Exception {
    int position = random.nextInt(random.nextInt(20) == 0 ? 3000 : 50);
    byte[] content = random(1 + random.nextInt(60));
    int flags = random.nextInt(5) == 0 ? Kiocb.DSYNC : 0;
    try (Ext4File file = names.open(nr, true)) {
      int skew = position & 511;
      MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, skew, content.length);
      long written = file.writeBytes(position, content.length, memory, flags);
      assertEquals(content.length, written, "seed " + SEED);
    }
    put(name, position, content);
  }

  private void put(String name, int position, byte[] content) {
    byte[] old = contents.getOrDefault(name, new byte[0]);
    byte[] now = Arrays.copyOf(old, Math.max(old.length, position + content.length));
    System.arraycopy(content, 0, now, position, content.length);
    contents.put(name, now);
  }

  private byte[] random(int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    return content;
  }

  private void assertContents(Ext4Volume volume, MemorySegment memory) throws Exception {
    for (String name : contents.keySet()) {
      assertContent(volume, name, memory);
    }
  }

  private void assertContent(Ext4Volume volume, String name, MemorySegment memory)
      throws Exception {
    byte[] expected = contents.getOrDefault(name, new byte[0]);
    Ext4Inode inode = volume.resolve("/" + name);
    assertEquals(expected.length, inode.sizeBytes(), name + ", seed " + SEED);
    try (Ext4File file = volume.openFile(inode, false)) {
      long count = file.io().read(0, memory, 0);
      assertEquals(expected.length, count, name + ", seed " + SEED);
      byte[] found = memory.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(expected, found, name + ", seed " + SEED);
    }
  }

  private void exchangeWithKernel(Ext4Image image) throws Exception {
    if (!LoopMount.isPossible()) {
      return;
    }
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mnt"))) {
      for (Map.Entry<String, byte[]> file : contents.entrySet()) {
        Path path = mount.directory().resolve(file.getKey());
        assertArrayEquals(file.getValue(), Files.readAllBytes(path), path + ", seed " + SEED);
      }
      for (int i = 0; i < FILES; i++) {
        String name = "f" + random.nextInt(FILES);
        byte[] content = random(random.nextInt(180));
        Files.write(mount.directory().resolve(name), content);
        contents.put(name, content);
      }
    }
    image.assertClean();
  }
}
