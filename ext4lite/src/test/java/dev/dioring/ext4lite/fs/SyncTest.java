package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a durable write of data has to wait for. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SyncTest {
  private static final int WRITE_BYTES = 4096;

  @TempDir Path directory;

  @Test
  void aDurableOverwriteWaitsForTheCommitOfItsBlocks() throws Exception {
    FaultyBlockDevice device = new FaultyBlockDevice(deviceWithFua());
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(volume.resolve("/file"), true);
        Arena arena = Arena.ofShared();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      MemorySegment memory = arena.allocate(WRITE_BYTES, WRITE_BYTES);
      file.fallocate(0, 16 * WRITE_BYTES, false);
      file.sync(false);
      assertEquals(WRITE_BYTES, file.io().write(0, memory, 0));
      // The conversion is copied and being committed: its blocks are no longer dirty.
      device.holdWhere(request -> request.op() == BlockOp.FLUSH);
      Future<?> sync =
          threads.submit(
              () -> {
                volume.sync();
                return null;
              });
      device.awaitHeld(1);
      BlockingQueue<Boolean> dataWrites = new LinkedBlockingQueue<>();
      device.failWhere(request -> noteDataWrite(request, dataWrites), 0);
      Future<Long> overwrite = threads.submit(() -> file.io().write(0, memory, Kiocb.DSYNC));
      try {
        assertFalse(dataWrites.take(), "the data would be durable before its blocks are");
        assertFalse(overwrite.isDone());
      } finally {
        device.holdWhere(null);
        device.release(false);
      }
      assertEquals(WRITE_BYTES, overwrite.get());
      sync.get();
      assertEquals(WRITE_BYTES, file.io().write(0, memory, Kiocb.DSYNC));
      assertTrue(dataWrites.take(), "an overwrite takes no more than a durable write");
    }
  }

  private static boolean noteDataWrite(BlockRequest request, BlockingQueue<Boolean> dataWrites) {
    if (request.op() == BlockOp.WRITE && request.lengthBytes() == WRITE_BYTES) {
      dataWrites.add(request.fua());
    }
    return false;
  }

  private MemoryBlockDevice deviceWithFua() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.createFile(content.resolve("file"));
    String[] options = {"-b", "1024", "-J", "size=1"};
    Ext4Image image = Ext4Image.populated(directory.resolve("disk.img"), "16M", content, options);
    byte[] bytes = image.bytes();
    MemoryBlockDevice device = new MemoryBlockDevice("sync", bytes.length, true, true);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, device.medium(), 0, bytes.length);
    return device;
  }
}
