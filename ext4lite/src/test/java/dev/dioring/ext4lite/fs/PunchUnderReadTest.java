package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that a read has found are not free before it has ended, or it reads another's content. */
class PunchUnderReadTest {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 16;
  private static final int READ_BLOCK = 5;
  private static final byte CONTENT = 'x';

  @TempDir Path directory = Path.of("");

  private final Arena arena = Arena.ofShared();
  private final AtomicReference<CompletableFuture<?>> read = new AtomicReference<>();
  private final MemorySegment memory = arena.allocate(BLOCK, BLOCK);

  @Test
  void aHoleIsMadeWhenReadsOfItHaveEnded() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "16M", "-b", "4096");
    FaultyBlockDevice device =
        new FaultyBlockDevice(BlockDevices.open(image.file(), OpenOptions.DEFAULT));
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        ExecutorService other = Executors.newSingleThreadExecutor();
        Ext4File file = create(volume)) {
      MemorySegment content = arena.allocate((long) BLOCKS * BLOCK, BLOCK).fill(CONTENT);
      assertEquals(content.byteSize(), file.io().write(0, content, 0));
      // It reads the blocks at its edges first, when it has waited for what was in flight before.
      device.holdWhere(request -> holds(file, request));
      Future<?> punch =
          other.submit(
              () -> {
                long length = (BLOCKS - 2) * (long) BLOCK;
                volume.namespace().ranges().punch(file.inodeNr(), 100, length);
                return null;
              });
      device.awaitHeld(1);
      boolean waits = waits(punch);
      device.holdWhere(null);
      device.release(false);
      read.get().join();
      punch.get();
      assertTrue(waits, "the hole was made under a read");
      assertEquals(CONTENT, memory.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(BLOCK, file.io().read((long) READ_BLOCK * BLOCK, memory, 0));
      assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, 0));
    }
    image.assertClean();
  }

  private static boolean waits(Future<?> punch) throws Exception {
    try {
      punch.get(300, TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    }
  }

  /** Starts a read when the first one of the punch comes, and keeps it back. */
  private boolean holds(Ext4File file, BlockRequest request) {
    if (request.op() != BlockOp.READ) {
      return false;
    }
    if (read.get() != null) {
      return request.lengthBytes() == BLOCK && isStarting;
    }
    read.set(new CompletableFuture<>());
    isStarting = true;
    read.set(file.io().readAsync((long) READ_BLOCK * BLOCK, memory, 0));
    isStarting = false;
    return false;
  }

  /** Whether the read is being started, on the thread that punches. */
  private boolean isStarting;

  private static Ext4File create(Ext4Volume volume) throws Exception {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    byte[] name = FileName.encode("file");
    long inodeNr = volume.namespace().create(Ext4Inode.ROOT_NR, name, spec).inodeNr();
    return volume.openFile(inodeNr, true);
  }
}
