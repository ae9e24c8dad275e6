package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the superblock says of a volume's life is what the kernel makes it say. */
class LifeCycleTest {
  /** Of the moment, and of how much each wrote. */
  private static final Set<String> DIFFERENT =
      Set.of(
          "Checksum",
          "Journal checksum",
          "Journal sequence",
          "Last mount time",
          "Last mounted on",
          "Last write time",
          "Last checked",
          "Filesystem created",
          "Journal features",
          "Lifetime writes");

  @TempDir Path directory = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"-J size=1", "-O ^has_journal", "-J size=1 -O orphan_file"})
  void openAndCloseLeaveWhatAMountAndAnUnmountDo(String options) throws Exception {
    Ext4Image ours = Ext4Image.make(directory.resolve("ours"), "16M", options.split(" "));
    Path kernels = Files.copy(ours.file(), directory.resolve("kernels"));
    for (int mount = 1; mount <= 2; mount++) {
      try (LoopMount kernel = LoopMount.writable(kernels, directory.resolve("mount"))) {
        assertTrue(Files.isDirectory(kernel.directory().resolve("lost+found")));
      }
      open(ours.file()).close();
      assertEquals(facts(kernels), facts(ours.file()), "mount " + mount);
    }
    ours.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-J size=1", "-O ^has_journal", "-J size=1 -O orphan_file"})
  void whatIsCutOffLooksAsTheKernelWouldLeaveIt(String options) throws Exception {
    Ext4Image ours = Ext4Image.make(directory.resolve("ours"), "16M", options.split(" "));
    Path kernels = Files.copy(ours.file(), directory.resolve("kernels"));
    Path ourCut = directory.resolve("our-cut");
    Path kernelCut = directory.resolve("kernel-cut");
    try (LoopMount kernel = LoopMount.writable(kernels, directory.resolve("mount"))) {
      assertTrue(Files.isDirectory(kernel.directory()));
      Files.copy(kernels, kernelCut);
    }
    try (Ext4Volume volume = open(ours.file())) {
      assertTrue(volume.isWritable());
      Files.copy(ours.file(), ourCut);
    }
    assertEquals(facts(kernelCut), facts(ourCut));
    Ext4Image cut = Ext4Image.of(ourCut);
    boolean journaled = !options.contains("^has_journal");
    String features = cut.header().get("Filesystem features");
    assertEquals(journaled, features.contains("needs_recovery"));
    assertEquals(journaled ? "clean" : "not clean", cut.header().get("Filesystem state"));
    cut.settle();
    cut.assertClean();
  }

  @Test
  void whatWasWrittenIsCounted() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "16M");
    long before = kilobytes(image.bytes());
    try (Ext4Volume volume = open(image.file());
        Arena arena = Arena.ofShared()) {
      InodeAttributes made =
          volume
              .namespace()
              .create(
                  Ext4Inode.ROOT_NR,
                  FileName.encode("file"),
                  NewInode.of(dev.dioring.ext4lite.format.FileKind.REGULAR, 0600, 0, 0));
      try (Ext4File file = volume.openFile(made.inodeNr(), true)) {
        MemorySegment data = arena.allocate(1 << 20, 4096);
        assertEquals(data.byteSize(), file.io().write(0, data, 0));
      }
    }
    long written = kilobytes(image.bytes()) - before;
    assertTrue(written >= 1024 && written < 4096, written + " KiB");
  }

  private static long kilobytes(byte[] image) {
    return java.nio.ByteBuffer.wrap(image)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .getLong(1024 + 0x178);
  }

  private static Map<String, String> facts(Path image) throws Exception {
    Path copy =
        Files.copy(image, image.resolveSibling("facts"), StandardCopyOption.REPLACE_EXISTING);
    Map<String, String> facts = new TreeMap<>(Ext4Image.of(copy).header());
    facts.keySet().removeAll(DIFFERENT);
    return facts;
  }

  private static Ext4Volume open(Path image) throws java.io.IOException {
    VolumeOptions options = VolumeOptions.READ_WRITE;
    return Ext4Volume.open(image, options.withDevice(options.device().withBuffered(true)));
  }
}
