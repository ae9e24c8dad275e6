package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.FailingRing;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device whose ring the kernel gives up on. */
@Timeout(120)
class LostRingTest {
  private static final int BLOCK = 4096;
  private static final int OPERATIONS = 8;

  @TempDir private Path directory;

  private static final class Read extends BlockRequest {
    private final CompletableFuture<Integer> result = new CompletableFuture<>();

    @Override
    protected void completed(int result) {
      this.result.complete(result);
    }
  }

  @Test
  void everyRequestCompletesAndNoMemoryIsFreed() throws Exception {
    Path file = directory.resolve("file");
    Files.write(file, new byte[64 * BLOCK]);
    OpenOptions options = OpenOptions.DEFAULT.withBuffered(true);
    int fd = LinuxFiles.open(file.toString(), LinuxFiles.O_RDWR, 0);
    Geometry geometry = DeviceProbe.geometry(file.toString(), fd, options);
    BufferPool buffers = new BufferPool(BLOCK, 64, BLOCK);
    FailingRing.Faults faults = new FailingRing.Faults();
    RingOptions ring = RingOptions.of(OPERATIONS);
    Poller poller = FailingRing.start(ring, faults);
    UringBlockDevice device =
        UringBlockDevice.on(poller, "file", fd, geometry, buffers, ring, Registration.ALL);
    IoBuffer buffer = buffers.acquire();
    MemorySegment memory = buffer.segment();
    List<Read> reads = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Read read = new Read();
      read.read((long) i * BLOCK, memory);
      reads.add(read);
    }
    poller.execute(
        () -> {
          reads.forEach(device::submit);
          faults.always.set(-Errno.EBADF);
        });
    for (int i = 0; i < reads.size(); i++) {
      int result = reads.get(i).result.get(30, TimeUnit.SECONDS);
      assertEquals(i < OPERATIONS ? -Errno.EIO : -Errno.ESHUTDOWN, result, "request " + i);
    }
    Read late = new Read();
    device.submit(late.read(0, memory));
    assertEquals(-Errno.ESHUTDOWN, late.result.get(30, TimeUnit.SECONDS));
    device.close();
    buffer.release();
    assertTrue(memory.scope().isAlive(), "the kernel may still read into this memory");
  }
}
