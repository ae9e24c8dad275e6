package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.block.RecordedRequest;
import dev.dioring.engine.block.RecordingBlockDevice;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a volume does by itself, seen on its device. */
class BehaviourTest {
  private static final int BLOCKS = 64;
  private static final int FLAG_DIRSYNC = 0x1_0000;
  private static final int FLAG_INDEX_EXTENTS = 0x8_0000;

  @TempDir Path directory = Path.of("");

  @Test
  void changesOfNamesAreDurableWhereThatIsAskedFor() throws Exception {
    byte[] image = image("-J", "size=4");
    try (Ext4Volume volume = open(image, behaviour("", true))) {
      makeDirectory(volume, Ext4Inode.ROOT_NR, "a");
      assertTrue(volume.context().journal().isClean());
    }
    try (Ext4Volume volume = open(image, Behaviour.DEFAULT)) {
      long marked = makeDirectory(volume, Ext4Inode.ROOT_NR, "b");
      assertFalse(volume.context().journal().isClean());
      InodeAttributes unused =
          volume.namespace().changeFlags(marked, FLAG_INDEX_EXTENTS | FLAG_DIRSYNC);
      makeDirectory(volume, marked, "c");
      assertTrue(volume.context().journal().isClean(), "chattr +D");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-J size=4", "-O ^has_journal"})
  void freedBlocksAreDiscardedOnceTheyAreFreeForGood(String options) throws Exception {
    RecordingBlockDevice device =
        new RecordingBlockDevice(Recoveries.device(image(options.split(" "))));
    Ext4Volume volume =
        Ext4Volume.open(
            device, VolumeOptions.READ_WRITE.withBehaviour(behaviour("discard", false)));
    long blocks = volume.freeBlocks();
    try (Ext4File file = volume.openFile(volume.resolve("/file"), true)) {
      file.fallocate(0, BLOCKS * 4096L, false);
    }
    assertTrue(volume.freeBlocks() <= blocks - BLOCKS);
    volume.namespace().unlink(Ext4Inode.ROOT_NR, FileName.encode("file"));
    assertEquals(List.of(), discards(device), "before it is durable");
    volume.context().journal().settle();
    long discarded = discards(device).stream().mapToLong(RecordedRequest::lengthBytes).sum();
    assertEquals(BLOCKS * 4096L, discarded);
    volume.close();
  }

  @Test
  void nothingIsFlushedWithoutBarriers() throws Exception {
    RecordingBlockDevice device =
        new RecordingBlockDevice(Recoveries.device(image("-J", "size=4")));
    Ext4Volume volume =
        Ext4Volume.open(
            device, VolumeOptions.READ_WRITE.withBehaviour(behaviour("nobarrier", false)));
    int flushesOfOpening = flushes(device);
    try (Ext4File file = volume.openFile(volume.resolve("/file"), true);
        Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(4096, 4096);
      assertEquals(4096, file.io().write(0, data, 0));
      file.sync(false);
    }
    volume.close();
    assertEquals(flushesOfOpening, flushes(device));
  }

  @Test
  void whereItIsMountedIsInTheSuperblock() throws Exception {
    Path file = Files.write(directory.resolve("mounted"), image());
    try (Ext4Volume volume =
        Ext4Volume.open(
            file,
            VolumeOptions.READ_WRITE
                .withDevice(VolumeOptions.READ_WRITE.device().withBuffered(true))
                .withMountedOn("/mnt/" + "x".repeat(80)))) {
      assertTrue(volume.isWritable());
      assertEquals("1", Ext4Image.of(file).header().get("Mount count"));
    }
    String mounted = Ext4Image.of(file).header().get("Last mounted on");
    assertEquals("/mnt/" + "x".repeat(58), mounted);
  }

  private static int flushes(RecordingBlockDevice device) {
    return (int) device.log().stream().filter(r -> r.op() == BlockOp.FLUSH || r.fua()).count();
  }

  private static List<RecordedRequest> discards(RecordingBlockDevice device) {
    return device.log().stream().filter(r -> r.op() == BlockOp.DISCARD).toList();
  }

  private static Behaviour behaviour(String options, boolean syncDirectories) {
    return new Behaviour(
        Ext4Options.of(options), AccessTimes.NEVER, AccessTimes.NEVER, false, syncDirectories);
  }

  private static Ext4Volume open(byte[] image, Behaviour behaviour) throws IOException {
    MemoryBlockDevice device = Recoveries.device(image);
    return Ext4Volume.open(device, VolumeOptions.READ_WRITE.withBehaviour(behaviour));
  }

  private byte[] image(String... options) throws Exception {
    Path content = Files.createDirectories(directory.resolve("content"));
    Files.write(content.resolve("file"), new byte[0]);
    String[] all = new String[options.length + 2];
    all[0] = "-b";
    all[1] = "4096";
    System.arraycopy(options, 0, all, 2, options.length);
    return Ext4Image.populated(directory.resolve("disk.img"), "32M", content, all).bytes();
  }

  private static long makeDirectory(Ext4Volume volume, long parentNr, String name)
      throws IOException {
    return volume
        .namespace()
        .makeDirectory(parentNr, FileName.encode(name), NewInode.of(FileKind.DIRECTORY, 0755, 0, 0))
        .inodeNr();
  }
}
