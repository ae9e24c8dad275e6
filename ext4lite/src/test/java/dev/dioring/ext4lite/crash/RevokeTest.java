package dev.dioring.ext4lite.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.ForwardingBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.JournalHeader;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.NewInode;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Blocks of directories are freed and become content while the log still has their old copies. Only
 * the revoke records keep a recovery from writing these over the content; without them the test
 * must find it.
 */
class RevokeTest {
  private static final int BLOCK = 1024;
  private static final int DIRECTORIES = 16;
  private static final byte CONTENT = 'c';

  @TempDir Path directory;

  @Test
  void revokedBlocksAreNotReplayed() throws Exception {
    byte[] crashed = crash(UnaryOperator.identity());
    assertTrue(isContentRight(crashed));
    Path file = directory.resolve("crashed.img");
    Files.write(file, crashed);
    var unused = ExternalTool.tryRun(List.of("e2fsck", "-fy", file.toString()));
    assertTrue(isContentRight(Files.readAllBytes(file)), "after e2fsck's recovery");
  }

  @Test
  void skippedRevokesAreFound() throws Exception {
    assertFalse(isContentRight(crash(Forgetful::new)), "no old block came back");
  }

  /** What the medium holds when all was synced and the log not emptied. */
  private byte[] crash(UnaryOperator<BlockDevice> bug) throws Exception {
    // Without checksums, so that the bug can be planted in the log's blocks.
    String[] options = {"-b", "1024", "-J", "size=1", "-m", "0", "-O", "^metadata_csum,^64bit"};
    byte[] initial = Ext4Image.make(directory.resolve("image"), "8M", options).bytes();
    MemoryBlockDevice memory = new MemoryBlockDevice("crash", initial.length, true, true);
    memory.medium().copyFrom(MemorySegment.ofArray(initial));
    try (Ext4Volume volume = Ext4Volume.open(bug.apply(memory), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      for (int i = 0; i < DIRECTORIES; i++) {
        NewInode spec = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
        names.forget(names.makeDirectory(Ext4Inode.ROOT_NR, name(i), spec).inodeNr(), 1);
      }
      volume.sync();
      fill(names);
      volume.sync();
      for (int i = 0; i < DIRECTORIES; i++) {
        names.removeDirectory(Ext4Inode.ROOT_NR, name(i));
      }
      volume.sync();
      try (Ext4File content = open(names, "content");
          Arena arena = Arena.ofShared()) {
        MemorySegment data = arena.allocate(DIRECTORIES * BLOCK, 4096).fill(CONTENT);
        assertEquals(data.byteSize(), content.io().write(0, data, 0));
        content.sync(false);
      }
      return memory.medium().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Leaves no block to the content but those of the directories. */
  private static void fill(Ext4Namespace names) throws Exception {
    try (Ext4File filler = open(names, "filler")) {
      long end = 0;
      for (int step = 1 << 20; step >= BLOCK; step /= 2) {
        try {
          while (true) {
            filler.fallocate(end, step, false);
            end += step;
          }
        } catch (Ext4Exception full) {
          assertTrue(full.getMessage().contains("ENOSPC"), full.getMessage());
        }
      }
    }
  }

  private static Ext4File open(Ext4Namespace names, String name) throws Exception {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    return names.open(names.create(Ext4Inode.ROOT_NR, name.getBytes(UTF_8), spec).inodeNr(), true);
  }

  private static boolean isContentRight(byte[] image) throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy =
          arena.allocate(image.length, 4096).copyFrom(MemorySegment.ofArray(image));
      try (Ext4Volume volume = Ext4Volume.open(ImageDevice.of(copy), VolumeOptions.READ_WRITE);
          Ext4File file = volume.openFile(volume.resolve("/content"), false)) {
        MemorySegment data = arena.allocate(DIRECTORIES * BLOCK, 4096);
        byte[] expected = new byte[DIRECTORIES * BLOCK];
        Arrays.fill(expected, CONTENT);
        return file.io().read(0, data, 0) == expected.length
            && data.mismatch(MemorySegment.ofArray(expected)) == -1;
      }
    }
  }

  private static byte[] name(int number) {
    return ("directory-" + number).getBytes(UTF_8);
  }

  /** Writes the log's revoke blocks without their records. */
  private static final class Forgetful extends ForwardingBlockDevice {
    private static final ValueLayout.OfInt COUNT =
        ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int COUNT_OFFSET = 12;
    private static final int EMPTY_BYTES = 16;

    Forgetful(BlockDevice below) {
      super(below);
    }

    @Override
    public void submit(BlockRequest request) {
      MemorySegment memory = request.memory();
      if (request.op() == BlockOp.WRITE && memory != null) {
        for (long at = 0; at < memory.byteSize(); at += BLOCK) {
          if (JournalHeader.hasMagic(memory, at)
              && JournalHeader.type(memory, at) == JournalHeader.REVOKE) {
            memory.set(COUNT, at + COUNT_OFFSET, EMPTY_BYTES);
          }
        }
      }
      super.submit(request);
    }
  }
}
