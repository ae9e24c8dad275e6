package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes whose blocks are allocated by clusters: random writes and holes against a model. */
class BigallocTest {
  private static final long SEED = 20261126;
  private static final int STEPS = 1200;
  private static final int FILES = 12;
  private static final int FILE_BYTES = 1 << 20;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Map<String, byte[]> model = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O bigalloc -C 16384",
        "-b 4096 -O bigalloc,^has_journal -C 65536",
        "-b 1024 -O bigalloc,^metadata_csum,uninit_bg -C 16384",
        "-b 1024 -O bigalloc,quota,inline_data -C 4096 -J size=2"
      })
  void partsOfClustersAreWrittenAndFreed(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "128M", options.split(" ", -1));
    long free;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      free = volume.freeBlocks();
      change(volume);
    }
    image.assertClean();
    boolean kernel = LoopMount.isPossible() && !options.contains("quota");
    if (kernel) {
      kernelWrites(image);
      image.assertClean();
    }
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      compare(volume);
      change(volume);
      compare(volume);
      for (String name : model.keySet()) {
        volume.namespace().unlink(Ext4Inode.ROOT_NR, FileName.encode(name));
      }
      volume.context().journal().settle();
      assertEquals(free, volume.freeBlocks(), "seed " + SEED);
    }
    image.assertClean();
  }

  private void change(Ext4Volume volume) throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(FILE_BYTES, 4096);
      for (int i = 0; i < STEPS; i++) {
        step(volume, "file" + random.nextInt(FILES), memory);
      }
    }
  }

  private void step(Ext4Volume volume, String name, MemorySegment memory) throws Exception {
    Ext4Namespace names = volume.namespace();
    byte[] content = model.get(name);
    if (content == null) {
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      long made = names.create(Ext4Inode.ROOT_NR, FileName.encode(name), spec).inodeNr();
      names.forget(made, 1);
      model.put(name, new byte[0]);
      return;
    }
    long nr = volume.resolve("/" + name).inodeNr();
    int block = volume.context().groups().blockSizeBytes();
    int at = random.nextInt(FILE_BYTES / block) * block;
    int length = (1 + random.nextInt(random.nextBoolean() ? 3 : 60)) * block;
    length = Math.min(length, FILE_BYTES - at);
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
        try (Ext4File file = volume.openFile(nr, true)) {
          assertEquals(length, file.io().write(at, memory.asSlice(0, length), 0));
        }
        byte[] longer = Arrays.copyOf(content, Math.max(content.length, at + length));
        System.arraycopy(bytes, 0, longer, at, length);
        model.put(name, longer);
      }
      case 4 -> {
        try (Ext4File file = volume.openFile(nr, true)) {
          file.fallocate(at, length, true);
        }
      }
      case 5, 6, 7 -> {
        names.ranges().punch(nr, at, length);
        if (at < content.length) {
          Arrays.fill(content, at, Math.min(content.length, at + length), (byte) 0);
        }
      }
      case 8 -> {
        int size = random.nextInt(FILE_BYTES);
        names.change(nr, AttributeChange.NONE.withSizeBytes(size));
        model.put(name, Arrays.copyOf(content, size));
      }
      default -> {
        if (random.nextInt(4) == 0) {
          names.unlink(Ext4Inode.ROOT_NR, FileName.encode(name));
          model.remove(name);
        }
      }
    }
  }

  private void compare(Ext4Volume volume) throws Exception {
    for (Map.Entry<String, byte[]> entry : model.entrySet()) {
      byte[] expected = entry.getValue();
      try (Ext4File file = volume.openFile(volume.resolve("/" + entry.getKey()), false);
          Arena arena = Arena.ofShared()) {
        assertEquals(expected.length, file.sizeBytes());
        MemorySegment memory = arena.allocate(2 * FILE_BYTES, 4096);
        int length = (int) file.io().read(0, memory, 0);
        byte[] found = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(expected, found, entry.getKey() + " seed " + SEED);
      }
    }
  }

  /** The kernel reads what we wrote, and changes some of it. */
  private void kernelWrites(Ext4Image image) throws Exception {
    try (LoopMount mount = LoopMount.writable(image.file(), directory.resolve("mnt"))) {
      for (Map.Entry<String, byte[]> entry : model.entrySet()) {
        Path file = mount.directory().resolve(entry.getKey());
        assertArrayEquals(entry.getValue(), Files.readAllBytes(file), entry.getKey());
        byte[] more = new byte[random.nextInt(50_000)];
        random.nextBytes(more);
        Files.write(file, more, StandardOpenOption.APPEND);
        byte[] longer = Arrays.copyOf(entry.getValue(), entry.getValue().length + more.length);
        System.arraycopy(more, 0, longer, entry.getValue().length, more.length);
        entry.setValue(longer);
      }
    }
  }
}
