package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is closed while something is under way on it. */
class FileUsesTest {
  @TempDir Path directory = Path.of("");

  @Test
  void theInodeStaysUntilTheLastUseHasEnded() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "16M");
    FaultyBlockDevice device = new FaultyBlockDevice(Recoveries.device(image.bytes()));
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        ExecutorService other = Executors.newSingleThreadExecutor();
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      long inodeNr = names.create(Ext4Inode.ROOT_NR, FileName.encode("file"), spec).inodeNr();
      Ext4File file = volume.openFile(inodeNr, true);
      names.forget(inodeNr, 1);
      int inMemory = volume.stats().inodes();
      // Of a bitmap, which nobody has needed yet.
      device.holdWhere(request -> request.op() == BlockOp.READ);
      Future<?> allocation = other.submit(() -> allocate(file));
      device.awaitHeld(1);
      file.close();
      assertEquals(inMemory, volume.stats().inodes());
      device.holdWhere(null);
      device.release(false);
      allocation.get();
      assertEquals(inMemory - 1, volume.stats().inodes());
      assertRefused(file, arena.allocate(4096, 4096));
    }
  }

  private static boolean allocate(Ext4File file) throws Ext4Exception {
    file.fallocate(0, 1 << 20, false);
    return true;
  }

  private static void assertRefused(Ext4File file, MemorySegment memory) throws Exception {
    assertEquals(-Errno.EBADF, file.io().read(0, memory, 0));
    assertEquals(-Errno.EBADF, file.writeBytes(0, 10, memory, 0));
    assertEquals(-Errno.EAGAIN, file.writeLater(0, memory));
    Ext4Exception unsynced = assertThrows(Ext4Exception.class, () -> file.sync(false));
    assertEquals(Errno.EBADF, unsynced.errno());
    Ext4Exception full = assertThrows(Ext4Exception.class, () -> allocate(file));
    assertEquals(Errno.EBADF, full.errno());
    file.close();
  }

  @Test
  void onlyTheLastEndIsTheLast() {
    FileUses uses = new FileUses();
    assertTrue(uses.begin());
    uses.share();
    assertTrue(uses.close());
    assertFalse(uses.close(), "only once");
    assertFalse(uses.begin(), "it is closed");
    assertFalse(uses.end());
    assertFalse(uses.end());
    assertTrue(uses.end());
  }
}
