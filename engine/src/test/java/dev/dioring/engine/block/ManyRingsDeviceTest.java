package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ManyRingsDeviceTest {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 64;
  private static final int READS = 2000;

  @TempDir private Path directory;

  /** Reads one block after the other, each from the completion of the last. */
  private static final class Reader extends BlockRequest {
    private final BlockDevice device;
    private final byte[] content;
    private final MemorySegment memory;
    private final Thread expected;
    private final Random order;
    private final AtomicInteger left;
    private final CountDownLatch ended;
    private final AtomicInteger failures = new AtomicInteger();
    private int blockNr;

    Reader(BlockDevice device, byte[] content, Arena arena, long seed, CountDownLatch ended) {
      this.device = device;
      this.content = content;
      this.ended = ended;
      memory = arena.allocate(BLOCK, BLOCK);
      expected = Thread.currentThread();
      order = new Random(seed);
      left = new AtomicInteger(READS);
    }

    void next() {
      blockNr = order.nextInt(BLOCKS);
      read((long) blockNr * BLOCK, memory);
      device.submit(this);
    }

    @Override
    protected void completed(int result) {
      byte[] expectedBytes = Arrays.copyOfRange(content, blockNr * BLOCK, (blockNr + 1) * BLOCK);
      boolean right =
          result == BLOCK
              && Thread.currentThread() == expected
              && MemorySegment.ofArray(expectedBytes).mismatch(memory) == -1;
      if (!right) {
        failures.incrementAndGet();
      }
      if (left.decrementAndGet() == 0) {
        ended.countDown();
      } else {
        // Later, as a completion within submit would otherwise nest without bound.
        boolean unused = Poller.current().execute(this::next);
      }
    }
  }

  @Test
  void anAttachedThreadCompletesWhatItSubmits() throws Exception {
    assertNotEquals(Attachment.NONE, completesOnItsThread(directory.resolve("file")));
  }

  @Test
  void soDoesOneWhoseDeviceIsMemory() throws Exception {
    assumeTrue(
        Files.getFileStore(Path.of("/dev/shm")).type().equals("tmpfs"),
        "needs a tmpfs at /dev/shm");
    Path file = Files.createTempFile(Path.of("/dev/shm"), "dioring", ".img");
    try {
      assertEquals(Attachment.CALLS, completesOnItsThread(file));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void otherThreadsGoByTheDevicesOwnRing() throws Exception {
    Path file = directory.resolve("file");
    byte[] content = fill(file);
    try (Poller poller = Poller.start("test-ring", RingOptions.of(32));
        ManyRingsDevice device = open(file);
        Arena arena = Arena.ofShared()) {
      assertNotEquals(Attachment.NONE, device.attach(poller));
      assertFalse(device.onCompletionThread());
      MemorySegment memory = arena.allocate(BLOCK, BLOCK);
      new BlockIo(device).readFully(BLOCK, memory);
      byte[] expected = Arrays.copyOfRange(content, BLOCK, 2 * BLOCK);
      assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void closesBeforeThePollerAndLeavesItUsable() throws Exception {
    Path file = directory.resolve("file");
    byte[] unused = fill(file);
    try (Poller poller = Poller.start("test-ring", RingOptions.of(32))) {
      for (int i = 0; i < 100; i++) {
        // More often than a ring has places for descriptors: each gives its own back.
        try (ManyRingsDevice device = open(file)) {
          assertNotEquals(Attachment.NONE, device.attach(poller));
        }
      }
      CountDownLatch ran = new CountDownLatch(1);
      assertTrue(poller.execute(ran::countDown));
      assertTrue(ran.await(30, TimeUnit.SECONDS));
    }
  }

  private static Attachment completesOnItsThread(Path file) throws Exception {
    long seed = Long.getLong("dioring.seed", System.nanoTime());
    System.out.println("seed " + seed);
    byte[] content = fill(file);
    int readers = 8;
    CountDownLatch ended = new CountDownLatch(readers);
    Reader[] all = new Reader[readers];
    try (Poller poller = Poller.start("test-ring", RingOptions.of(32).withWideEntries(true));
        ManyRingsDevice device = open(file);
        Arena arena = Arena.ofShared()) {
      Attachment attachment = device.attach(poller);
      assertTrue(
          poller.execute(
              () -> {
                for (int i = 0; i < readers; i++) {
                  all[i] = new Reader(device, content, arena, seed + i, ended);
                  all[i].next();
                }
              }));
      assertTrue(ended.await(60, TimeUnit.SECONDS));
      for (Reader reader : all) {
        assertEquals(0, reader.failures.get());
      }
      return attachment;
    }
  }

  private static ManyRingsDevice open(Path file) throws IOException {
    return new ManyRingsDevice(BlockDevices.open(file, OpenOptions.DEFAULT));
  }

  private static byte[] fill(Path file) throws IOException {
    byte[] content = new byte[BLOCKS * BLOCK];
    new Random(1).nextBytes(content);
    Files.write(file, content);
    return content;
  }
}
