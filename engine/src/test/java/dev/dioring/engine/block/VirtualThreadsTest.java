package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.RingOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocking calls of virtual threads. */
@Timeout(120)
class VirtualThreadsTest {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 256;
  private static final String PINNED = "jdk.VirtualThreadPinned";

  @TempDir private Path directory;

  /** Parking in a class initializer pins: there is a native frame below it. */
  private static final class Pins {
    static final boolean DONE = parked();

    private static boolean parked() {
      LockSupport.parkNanos(20_000_000);
      return true;
    }
  }

  @Test
  void noneOfAThousandReadersPinsItsCarrier() throws Exception {
    try (BlockDevice device = open();
        Recording recording = new Recording()) {
      BlockIo io = new BlockIo(device);
      read(io, 0);
      recording.enable(PINNED).withThreshold(Duration.ZERO);
      recording.start();
      AtomicInteger correct = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 1_000; t++) {
        int first = t;
        threads.add(
            Thread.ofVirtual()
                .name("reader-" + t)
                .start(
                    () -> {
                      for (int i = 0; i < 10; i++) {
                        int block = (first * 7 + i * 13) % BLOCKS;
                        if (read(io, block) == (byte) block) {
                          correct.incrementAndGet();
                        }
                      }
                    }));
      }
      threads.add(Thread.ofVirtual().name("pinned-on-purpose").start(() -> assertTrue(Pins.DONE)));
      for (Thread thread : threads) {
        thread.join();
      }
      recording.stop();
      assertEquals(10_000, correct.get());
      assertPinned(recording);
    }
  }

  private void assertPinned(Recording recording) throws Exception {
    Path dump = directory.resolve("recording.jfr");
    recording.dump(dump);
    boolean seen = false;
    for (RecordedEvent event : RecordingFile.readAllEvents(dump)) {
      RecordedThread thread = event.getThread();
      String name = thread == null ? "" : String.valueOf(thread.getJavaName());
      assertFalse(name.startsWith("reader-"), event::toString);
      seen |= name.equals("pinned-on-purpose");
    }
    assertTrue(seen, "the recording shows not even what pins for certain");
  }

  @Test
  void anInterruptWaitsForTheKernelAndIsKept() throws Exception {
    FaultyBlockDevice device = new FaultyBlockDevice(open());
    try (Arena arena = Arena.ofShared()) {
      BlockIo io = new BlockIo(device);
      MemorySegment memory = arena.allocate(BLOCK, BLOCK);
      AtomicInteger result = new AtomicInteger();
      device.holdWhere(request -> request.op() == BlockOp.READ);
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      int count = io.read(BLOCK, memory);
                      result.set(Thread.currentThread().isInterrupted() ? count : -1);
                    } catch (BlockIoException e) {
                      result.set(-e.errno());
                    }
                  });
      device.awaitHeld(1);
      for (int i = 0; i < 3; i++) {
        reader.interrupt();
        // It takes note of the interrupt and waits on.
        while (reader.isInterrupted() && reader.isAlive()) {
          Thread.onSpinWait();
        }
        assertTrue(reader.isAlive(), "it left its memory to the kernel");
      }
      device.holdWhere(null);
      device.release(false);
      reader.join();
      assertEquals(BLOCK, result.get());
      assertEquals(1, memory.get(ValueLayout.JAVA_BYTE, 0));
    } finally {
      device.close();
    }
  }

  /** The first byte of a block. */
  private static byte read(BlockIo io, int block) {
    try {
      IoBuffer buffer = io.device().buffers().acquire();
      try {
        assertEquals(BLOCK, io.read((long) block * BLOCK, buffer.segment()));
        return buffer.segment().get(ValueLayout.JAVA_BYTE, 0);
      } finally {
        buffer.release();
      }
    } catch (BlockIoException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private BlockDevice open() throws Exception {
    byte[] content = new byte[BLOCKS * BLOCK];
    for (int i = 0; i < BLOCKS; i++) {
      content[i * BLOCK] = (byte) i;
    }
    Path file = Files.write(directory.resolve("file"), content);
    OpenOptions options =
        OpenOptions.DEFAULT
            .withBackend(OpenOptions.Backend.URING)
            .withRing(RingOptions.of(64))
            .withBuffers(BLOCK, 128);
    return BlockDevices.open(file, options);
  }
}
