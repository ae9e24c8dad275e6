package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dioring.bindings.Errno;
import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.RingOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class UringBlockDeviceTest {
  private static final int BLOCK = 4096;

  @TempDir private Path directory;

  /** A request whose completions are counted. */
  private static final class Counted extends BlockRequest {
    private final IntConsumer then;
    private final AtomicInteger completions = new AtomicInteger();

    Counted(IntConsumer then) {
      this.then = then;
    }

    @Override
    protected void completed(int result) {
      completions.incrementAndGet();
      then.accept(result);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64})
  void randomMixedIoMatchesAModel(int operations) throws Exception {
    long seed = Long.getLong("dioring.seed", System.nanoTime());
    System.out.println("seed " + seed + " for " + operations + " operations");
    int workers = 16;
    int blocksEach = 64;
    byte[] model = new byte[workers * blocksEach * BLOCK];
    Path file = file(model.length);
    try (BlockDevice device = open(file, RingOptions.of(operations))) {
      List<Thread> threads = new ArrayList<>();
      AtomicInteger failures = new AtomicInteger();
      for (int w = 0; w < workers; w++) {
        ModelWorker worker = new ModelWorker(device, model, w * blocksEach, blocksEach, seed + w);
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        worker.run();
                      } catch (Exception | AssertionError e) {
                        e.printStackTrace();
                        failures.incrementAndGet();
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(0, failures.get(), "seed " + seed);
    }
    assertArrayEquals(model, Files.readAllBytes(file), "seed " + seed);
  }

  /** Random requests in a part of the device that belongs to this worker alone. */
  private static final class ModelWorker {
    private final BlockDevice device;
    private final byte[] model;
    private final int firstBlock;
    private final int blocks;
    private final long seed;

    ModelWorker(BlockDevice device, byte[] model, int firstBlock, int blocks, long seed) {
      this.device = device;
      this.model = model;
      this.firstBlock = firstBlock;
      this.blocks = blocks;
      this.seed = seed;
    }

    void run() throws Exception {
      Random random = new Random(seed);
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      for (int i = 0; i < 150; i++) {
        int count = 1 + random.nextInt(8);
        int at = (firstBlock + random.nextInt(blocks - count + 1)) * BLOCK;
        int length = count * BLOCK;
        MemorySegment memory = buffer.segment().asSlice(0, length);
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            BlockIo.Waiter request = new BlockIo.Waiter();
            request.read(at, memory).registered(buffer.index());
            assertEquals(length, io.call(request));
            check(memory, at);
          }
          case 2 -> {
            fill(random, at, length, memory);
            BlockIo.Waiter request = new BlockIo.Waiter();
            request.write(at, memory).registered(buffer.index());
            assertEquals(length, io.call(request));
          }
          case 3 -> {
            fill(random, at, length, memory);
            io.writeFua(at, memory);
            io.flush();
          }
          case 4 -> {
            io.writeZeroes(at, length);
            Arrays.fill(model, at, at + length, (byte) 0);
          }
          default -> vectored(io, random, at, count, memory);
        }
      }
      buffer.release();
    }

    private void vectored(BlockIo io, Random random, int at, int count, MemorySegment memory) {
      MemorySegment[] parts = new MemorySegment[count];
      for (int i = 0; i < count; i++) {
        parts[i] = memory.asSlice((long) i * BLOCK, BLOCK);
      }
      fill(random, at, count * BLOCK, memory);
      BlockIo.Waiter request = new BlockIo.Waiter();
      request.writev(at, parts, count);
      assertEquals(count * BLOCK, io.call(request));
      memory.fill((byte) 1);
      request.readv(at, parts, count);
      assertEquals(count * BLOCK, io.call(request));
      check(memory, at);
    }

    private void fill(Random random, int at, int length, MemorySegment memory) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
      System.arraycopy(bytes, 0, model, at, length);
    }

    private void check(MemorySegment memory, int at) {
      byte[] expected = Arrays.copyOfRange(model, at, at + (int) memory.byteSize());
      assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE), "seed " + seed);
    }
  }

  @Test
  void readsEndWhereTheMediumEnds() throws Exception {
    byte[] content = new byte[3 * BLOCK + 1000];
    new Random(1).nextBytes(content);
    Path file = directory.resolve("odd");
    Files.write(file, content);
    try (BlockDevice device = open(file, RingOptions.of(4))) {
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      MemorySegment memory = buffer.segment().asSlice(0, 2 * BLOCK);
      assertEquals(2 * BLOCK, io.read(BLOCK, memory));
      assertEquals(BLOCK + 1000, io.read(2 * BLOCK, memory));
      byte[] tail = memory.asSlice(0, BLOCK + 1000).toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(Arrays.copyOfRange(content, 2 * BLOCK, content.length), tail);
      assertEquals(0, io.read(16 * BLOCK, memory));
      buffer.release();
    }
  }

  @Test
  void refusesWhatIsWrongWithoutCallingItselfForEver() throws Exception {
    try (BlockDevice device = open(file(16 * BLOCK), RingOptions.of(4));
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BLOCK, BLOCK);
      int rounds = 100_000;
      CountDownLatch done = new CountDownLatch(1);
      AtomicInteger wrong = new AtomicInteger();
      BlockRequest[] self = new BlockRequest[1];
      AtomicInteger left = new AtomicInteger(rounds);
      self[0] =
          new Counted(
              result -> {
                if (result != -Errno.EINVAL) {
                  wrong.incrementAndGet();
                }
                if (left.decrementAndGet() == 0) {
                  done.countDown();
                } else {
                  device.submit(self[0]);
                }
              });
      self[0].read(17, memory);
      device.submit(self[0]);
      assertTrue(done.await(60, TimeUnit.SECONDS));
      assertEquals(0, wrong.get());
    }
  }

  @Test
  void refusesMemoryThatIsGoneOrOnTheHeap() throws Exception {
    try (BlockDevice device = open(file(16 * BLOCK), RingOptions.of(4))) {
      BlockIo io = new BlockIo(device);
      MemorySegment gone;
      try (Arena arena = Arena.ofShared()) {
        gone = arena.allocate(BLOCK, BLOCK);
      }
      BlockIo.Waiter request = new BlockIo.Waiter();
      request.read(0, gone);
      assertTrue(io.call(request) < 0);
      request.read(0, MemorySegment.ofArray(new byte[BLOCK]));
      assertEquals(-Errno.EINVAL, io.call(request));
      request.readv(0, new MemorySegment[] {gone}, 1);
      assertTrue(io.call(request) < 0);
    }
  }

  @Test
  void moreRequestsThanOperationsWait() throws Exception {
    try (BlockDevice device = open(file(64 * BLOCK), RingOptions.of(2).withEntries(2, 2))) {
      int count = 2_000;
      CountDownLatch done = new CountDownLatch(count);
      AtomicInteger wrong = new AtomicInteger();
      IoBuffer buffer = device.buffers().acquire();
      List<Counted> requests = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Counted request =
            new Counted(
                result -> {
                  if (result != BLOCK) {
                    wrong.incrementAndGet();
                  }
                  done.countDown();
                });
        request.read((i % 64) * (long) BLOCK, buffer.segment().asSlice(0, BLOCK));
        requests.add(request);
      }
      requests.forEach(device::submit);
      assertTrue(done.await(60, TimeUnit.SECONDS));
      assertEquals(0, wrong.get());
      requests.forEach(request -> assertEquals(1, request.completions.get()));
      buffer.release();
    }
  }

  @Test
  void closesUnderHeavyIoFromManyThreads() throws Exception {
    Path file = file(256 * BLOCK);
    for (int round = 0; round < 10; round++) {
      BlockDevice device = open(file, RingOptions.of(16));
      int threads = 32;
      AtomicLong submitted = new AtomicLong();
      AtomicLong completed = new AtomicLong();
      AtomicInteger odd = new AtomicInteger();
      CountDownLatch warm = new CountDownLatch(2_000);
      CountDownLatch stopped = new CountDownLatch(threads);
      IoBuffer buffer = device.buffers().acquire();
      MemorySegment memory = buffer.segment().asSlice(0, BLOCK);
      for (int t = 0; t < threads; t++) {
        int number = t;
        (t % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform())
            .start(
                () -> {
                  BlockIo io = new BlockIo(device);
                  int result = 0;
                  for (int i = 0; result >= 0; i++) {
                    BlockIo.Waiter request = new BlockIo.Waiter();
                    request.read((number + i) % 256 * (long) BLOCK, memory);
                    submitted.incrementAndGet();
                    result = io.call(request);
                    completed.incrementAndGet();
                    warm.countDown();
                    if (result < 0 && result != -Errno.ESHUTDOWN && result != -Errno.ECANCELED) {
                      odd.set(result);
                    }
                  }
                  stopped.countDown();
                });
      }
      assertTrue(warm.await(30, TimeUnit.SECONDS));
      device.close();
      assertTrue(stopped.await(30, TimeUnit.SECONDS));
      assertEquals(submitted.get(), completed.get());
      assertEquals(0, odd.get());
      BlockIo.Waiter late = new BlockIo.Waiter();
      late.read(0, memory);
      assertEquals(-Errno.ESHUTDOWN, new BlockIo(device).call(late));
      device.close();
      buffer.release();
    }
  }

  @Test
  void closingFromManyThreadsReturnsToAllOfThem() throws Exception {
    BlockDevice device = open(file(16 * BLOCK), RingOptions.of(4));
    List<Thread> closers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      closers.add(Thread.ofVirtual().start(device::close));
    }
    for (Thread closer : closers) {
      assertTrue(closer.join(java.time.Duration.ofSeconds(30)));
    }
  }

  @Test
  void allocatesNothingPerRequest() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (BlockDevice device = open(file(256 * BLOCK), RingOptions.of(32))) {
      AllocationProbe probe = new AllocationProbe(device, threads);
      probe.run();
      double bytesPerRequest = (double) probe.allocatedBytes / AllocationProbe.MEASURED;
      assertTrue(bytesPerRequest < 0.1, bytesPerRequest + " bytes per request");
    }
  }

  /** Keeps requests in flight from the completion thread and reads its allocation counter. */
  private static final class AllocationProbe {
    static final int WARM_UP = 150_000;
    static final int MEASURED = 150_000;
    private static final int DEPTH = 16;

    private final BlockDevice device;
    private final ThreadMXBean threads;
    private final CountDownLatch done = new CountDownLatch(DEPTH);
    private long started;
    private long allocatedAtStart;
    volatile long allocatedBytes;

    AllocationProbe(BlockDevice device, ThreadMXBean threads) {
      this.device = device;
      this.threads = threads;
    }

    void run() throws InterruptedException {
      List<IoBuffer> buffers = new ArrayList<>();
      for (int i = 0; i < DEPTH; i++) {
        IoBuffer buffer = device.buffers().acquire();
        buffers.add(buffer);
        MemorySegment memory = buffer.segment().asSlice(0, BLOCK);
        device.submit(new Endless(memory, buffer.index()));
      }
      assertTrue(done.await(100, TimeUnit.SECONDS));
      buffers.forEach(IoBuffer::release);
    }

    private final class Endless extends BlockRequest {
      private final MemorySegment memory;
      private final int index;

      Endless(MemorySegment memory, int index) {
        this.memory = memory;
        this.index = index;
        read(0, memory).registered(index);
      }

      @Override
      protected void completed(int result) {
        started++;
        if (started == WARM_UP) {
          allocatedAtStart = threads.getCurrentThreadAllocatedBytes();
        } else if (started == WARM_UP + MEASURED) {
          allocatedBytes = threads.getCurrentThreadAllocatedBytes() - allocatedAtStart;
        }
        if (started > WARM_UP + MEASURED || result != BLOCK) {
          done.countDown();
        } else {
          read(started % 256 * BLOCK, memory).registered(index);
          device.submit(this);
        }
      }
    }
  }

  @Test
  void pollsTheDeviceOnlyWhereThatWorks() throws Exception {
    RingOptions polling = RingOptions.of(4).withIoPoll(true);
    try (BlockDevice device = open(file(16 * BLOCK), polling)) {
      Capabilities capabilities = device.capabilities();
      boolean polls = capabilities.features().contains("IOPOLL");
      assertNotEquals(polls, capabilities.reason().contains("no queues to poll"));
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      for (int i = 0; i < 100; i++) {
        assertEquals(BLOCK, io.read(0, buffer.segment().asSlice(0, BLOCK)));
      }
      io.flush();
      io.writeZeroes(0, BLOCK);
      buffer.release();
    }
  }

  @Test
  void readsThroughAKernelThreadThatSubmits() throws Exception {
    try (BlockDevice device = open(file(16 * BLOCK), RingOptions.of(4).withSqPoll(true))) {
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      for (int i = 0; i < 200; i++) {
        assertEquals(BLOCK, io.read(0, buffer.segment().asSlice(0, BLOCK)));
      }
      buffer.release();
    }
  }

  @Test
  void saysWhatItHasSwitchedOn() throws Exception {
    try (BlockDevice device = open(file(16 * BLOCK), RingOptions.of(4))) {
      assertEquals("uring", device.capabilities().backend());
      assertTrue(device.capabilities().features().contains("fixed-file"), device.toString());
      assertTrue(device.capabilities().features().contains("fixed-buffers"), device.toString());
    }
  }

  @Test
  void discardedAndZeroedRangesReadAsZeroesInAFile() throws Exception {
    try (BlockDevice device = open(file(64 * BLOCK), RingOptions.of(4))) {
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      MemorySegment memory = buffer.segment().asSlice(0, 8 * BLOCK);
      byte[] zeroes = new byte[8 * BLOCK];
      memory.fill((byte) 7);
      io.write(0, memory);
      io.write(8 * BLOCK, memory);
      io.discard(0, 8 * BLOCK);
      io.writeZeroes(8 * BLOCK, 8 * BLOCK);
      io.writeZeroes(0, 0);
      for (int part = 0; part < 2; part++) {
        memory.fill((byte) 7);
        assertEquals(8 * BLOCK, io.read(part * 8L * BLOCK, memory));
        assertArrayEquals(zeroes, memory.toArray(ValueLayout.JAVA_BYTE));
      }
      buffer.release();
    }
  }

  private Path file(int lengthBytes) throws IOException {
    Path file = directory.resolve("file" + System.nanoTime());
    Files.write(file, new byte[lengthBytes]);
    return file;
  }

  private static BlockDevice open(Path file, RingOptions ring) throws IOException {
    OpenOptions options =
        OpenOptions.DEFAULT
            .withBackend(OpenOptions.Backend.URING)
            .withRing(ring)
            .withBuffers(8 * BLOCK, 32);
    return BlockDevices.open(file, options);
  }
}
