package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DirectIoTest {
  private static final int BLOCKS = 64;
  private static final int BLOCK = TestFile.BLOCK_BYTES;
  private static final byte STALE = (byte) 0xee;

  private final Arena arena = Arena.ofShared();
  private final MemoryBlockDevice memory = new MemoryBlockDevice("ram", (long) BLOCKS * BLOCK);
  private final FaultyBlockDevice device = new FaultyBlockDevice(memory);
  private final DeferredCompletions deferred = new DeferredCompletions("vol", 4);
  private final DirectIo engine = new DirectIo(device);
  private final TestFile file = new TestFile(device, deferred, BLOCKS, false);
  private final FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));

  @BeforeEach
  void fillWithStaleBytes() {
    memory.medium().fill(STALE);
  }

  @AfterEach
  void close() {
    device.release(false);
    file.completions().inFlight().await();
    deferred.close();
    device.close();
    engine.close();
    arena.close();
  }

  @Test
  void readOfUnwrittenBlocksGivesZeroesWithoutIo() {
    device.failWhere(r -> r.op() == BlockOp.READ, Errno.EIO);
    MemorySegment buffer = filled(2 * BLOCK, STALE);
    assertEquals(2 * BLOCK, io.read(0, buffer, 0));
    assertAll(buffer, 0, 2 * BLOCK, (byte) 0);
  }

  @Test
  void writeIsConvertedAndReadBack() {
    assertEquals(3 * BLOCK, io.write(BLOCK, filled(3 * BLOCK, (byte) 7), 0));
    assertEquals(TestFile.Block.WRITTEN, file.blocks[1]);
    assertEquals(TestFile.Block.UNWRITTEN, file.blocks[4]);
    MemorySegment buffer = filled(5 * BLOCK, STALE);
    assertEquals(5 * BLOCK, io.read(0, buffer, 0));
    assertAll(buffer, 0, BLOCK, (byte) 0);
    assertAll(buffer, BLOCK, 4 * BLOCK, (byte) 7);
    assertAll(buffer, 4 * BLOCK, 5 * BLOCK, (byte) 0);
  }

  @Test
  void edgesOfAPartlyWrittenBlockAreZeroed() {
    assertEquals(512, io.write(BLOCK + 1024, filled(512, (byte) 7), 0));
    MemorySegment buffer = filled(BLOCK, STALE);
    assertEquals(BLOCK, io.read(BLOCK, buffer, 0));
    assertAll(buffer, 0, 1024, (byte) 0);
    assertAll(buffer, 1024, 1536, (byte) 7);
    assertAll(buffer, 1536, BLOCK, (byte) 0);
  }

  @Test
  void overwriteCompletesInlineOnTheCompletionThread() throws Exception {
    file.fill(TestFile.Block.WRITTEN);
    AtomicReference<Thread> completer = new AtomicReference<>();
    submitAndAwait(kiocb(completer).write(0, filled(BLOCK, (byte) 1), 0));
    assertFalse(completer.get().isVirtual());
    assertEquals(0, deferred.stats().deferred());
    assertEquals(0, deferred.stats().executorsMade());
  }

  @Test
  void conversionRunsOnANamedVirtualThread() throws Exception {
    AtomicReference<Thread> completer = new AtomicReference<>();
    submitAndAwait(kiocb(completer).write(0, filled(BLOCK, (byte) 1), 0));
    assertTrue(completer.get().isVirtual());
    assertTrue(completer.get().getName().startsWith("dio/vol-"), completer.get().getName());
  }

  @Test
  void endIoComesAfterConversionAndBeforeTheCountDrops() {
    io.write(0, filled(BLOCK, (byte) 1), 0);
    assertEquals(List.of("convert", "endIo 1"), file.events);
    assertEquals(0, file.completions().inFlight().count());
  }

  @Test
  void anErrorConvertsNothingAndIsReported() {
    device.failWhere(r -> r.op() == BlockOp.WRITE && r.byteOffset() == offset(2), Errno.EIO);
    assertEquals(-Errno.EIO, io.write(0, filled(4 * BLOCK, (byte) 1), 0));
    for (TestFile.Block block : file.blocks) {
      assertEquals(TestFile.Block.UNWRITTEN, block);
    }
    assertEquals(0, deferred.stats().deferred());
  }

  @Test
  void aFailedConversionFailsItsRequests() {
    file.convertErrno = Errno.ENOSPC;
    assertEquals(-Errno.ENOSPC, io.write(0, filled(BLOCK, (byte) 1), 0));
  }

  @Test
  void readsAreClippedAtEndOfFile() {
    file.fill(TestFile.Block.WRITTEN);
    file.size(BLOCK + 100);
    MemorySegment buffer = filled(4 * BLOCK, (byte) 5);
    assertEquals(BLOCK + 100, io.read(0, buffer, 0));
    assertAll(buffer, 0, BLOCK + 100, STALE);
    assertAll(buffer, BLOCK + 100, BLOCK + 512, (byte) 0);
    assertEquals(0, io.read(4 * BLOCK, buffer, 0));
  }

  @Test
  void unalignedRequestsAreRefused() {
    assertEquals(-Errno.EINVAL, io.read(1, filled(BLOCK, (byte) 0), 0));
    assertEquals(-Errno.EINVAL, io.write(-BLOCK, filled(BLOCK, (byte) 0), 0));
    MemorySegment odd = arena.allocate(2 * BLOCK, BLOCK).asSlice(8, BLOCK);
    assertEquals(-Errno.EINVAL, io.read(0, odd, 0));
    MemorySegment heap = MemorySegment.ofArray(new byte[BLOCK]);
    assertEquals(-Errno.EINVAL, io.read(0, heap, 0));
  }

  @Test
  void aWriteIntoAHoleThatWasNotAllocatedFails() {
    file.fill(TestFile.Block.HOLE);
    assertEquals(-Errno.EIO, io.write(0, filled(BLOCK, (byte) 0), 0));
  }

  @Test
  void aBlockedConversionDoesNotDelayInlineCompletions() throws Exception {
    file.blocks[10] = TestFile.Block.WRITTEN;
    file.conversions.drainPermits();
    CompletableFuture<Long> blocked = io.writeAsync(0, filled(BLOCK, (byte) 1), 0);
    for (int i = 0; i < 100; i++) {
      assertEquals(BLOCK, io.write(10L * BLOCK, filled(BLOCK, (byte) i), 0));
    }
    assertFalse(blocked.isDone());
    file.conversions.release(1000);
    assertEquals(BLOCK, blocked.get(30, TimeUnit.SECONDS));
  }

  @Test
  void requestsThatWaitTogetherAreConvertedTogether() throws Exception {
    file.conversions.drainPermits();
    CompletableFuture<Long> first = io.writeAsync(0, filled(BLOCK, (byte) 1), 0);
    while (deferred.stats().batches() == 0) {
      Thread.onSpinWait();
    }
    CompletableFuture<?>[] rest = new CompletableFuture<?>[8];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = io.writeAsync((i + 1L) * BLOCK, filled(BLOCK, (byte) 1), 0);
    }
    while (deferred.stats().deferred() < 9) {
      Thread.onSpinWait();
    }
    file.conversions.release(1000);
    first.get(30, TimeUnit.SECONDS);
    CompletableFuture.allOf(rest).get(30, TimeUnit.SECONDS);
    assertEquals(2, deferred.stats().batches());
    assertEquals(2, deferred.stats().ranges());
  }

  @Test
  void truncateWaitsForRequestsInFlight() throws Exception {
    device.holdWhere(r -> r.op() == BlockOp.WRITE);
    CompletableFuture<Long> write = io.writeAsync(0, filled(BLOCK, (byte) 1), 0);
    device.awaitHeld(1);
    CountDownLatch waited = new CountDownLatch(1);
    Thread truncate =
        Thread.startVirtualThread(
            () -> {
              file.completions().inFlight().await();
              waited.countDown();
            });
    assertEquals(1, waited.getCount());
    device.holdWhere(null);
    device.release(false);
    assertTrue(waited.await(30, TimeUnit.SECONDS));
    truncate.join();
    assertEquals(BLOCK, write.get(30, TimeUnit.SECONDS));
    assertEquals(TestFile.Block.WRITTEN, file.blocks[0]);
  }

  @Test
  void aSubmissionOnTheCompletionThreadNeverWaits() throws Exception {
    file.fill(TestFile.Block.WRITTEN);
    file.wouldBlock = true;
    AtomicReference<Long> result = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    Kiocb second =
        new Kiocb() {
          @Override
          protected void kiComplete(long r) {
            result.set(r);
            done.countDown();
          }
        };
    Kiocb first =
        new Kiocb() {
          @Override
          protected void kiComplete(long r) {
            engine.submit(file, second.read(BLOCK, filled(BLOCK, (byte) 0), 0));
          }
        };
    engine.submit(file, first.read(0, filled(BLOCK, (byte) 0), 0));
    assertTrue(done.await(30, TimeUnit.SECONDS));
    assertEquals(BLOCK, result.get());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestOfManyPartsHasABoundedNumberInFlight(boolean wouldBlock) throws Exception {
    int blocks = 500;
    MemoryBlockDevice ram = new MemoryBlockDevice("big", (long) blocks * BLOCK);
    FaultyBlockDevice held = new FaultyBlockDevice(ram);
    TestFile scattered = new TestFile(held, deferred, blocks, false);
    DirectIo direct = new DirectIo(held);
    scattered.wouldBlock = wouldBlock;
    scattered.fill(TestFile.Block.WRITTEN);
    for (int b = 0; b < blocks; b++) {
      ram.medium().asSlice(scattered.deviceByteOffset(b), BLOCK).fill((byte) b);
    }
    AtomicInteger submitted = new AtomicInteger();
    held.holdWhere(r -> submitted.incrementAndGet() > 0);
    MemorySegment buffer = filled(blocks * BLOCK, STALE);
    AtomicReference<Thread> completer = new AtomicReference<>();
    int seen = 0;
    direct.submit(scattered, kiocb(completer).read(0, buffer, 0));
    int parts = submitted.get();
    assertTrue(parts > 16 && parts <= Dio.BIOS_MAX, parts + " parts at first");
    while (seen + parts < blocks) {
      seen += parts;
      held.release(seen % 2 == 0);
      // The next parts follow when all of these have ended.
      held.awaitHeld(1);
      while (submitted.get() < Math.min(blocks, seen + parts)) {
        Thread.onSpinWait();
      }
      assertTrue(submitted.get() - seen <= Dio.BIOS_MAX, submitted.get() + " parts");
    }
    held.holdWhere(null);
    held.release(true);
    assertTrue(completed.await(30, TimeUnit.SECONDS));
    for (int b = 0; b < blocks; b++) {
      assertEquals((byte) b, buffer.get(ValueLayout.JAVA_BYTE, (long) b * BLOCK), "block " + b);
    }
    scattered.completions().inFlight().await();
    held.close();
    direct.close();
  }

  @Test
  void manyPartsAreConvertedOnceAndAFailedOneConvertsNothing() {
    int blocks = 300;
    MemoryBlockDevice ram = new MemoryBlockDevice("big", (long) blocks * BLOCK);
    FaultyBlockDevice faulty = new FaultyBlockDevice(ram);
    TestFile scattered = new TestFile(faulty, deferred, blocks, false);
    DirectIo direct = new DirectIo(faulty);
    FileIo all = new FileIo(kiocb -> direct.submit(scattered, kiocb));
    MemorySegment content = filled(blocks * BLOCK, (byte) 5);
    long last = scattered.deviceByteOffset(blocks - 1);
    faulty.failWhere(r -> r.op() == BlockOp.WRITE && r.byteOffset() == last, Errno.EIO);
    assertEquals(-Errno.EIO, all.write(0, content, 0));
    assertEquals(TestFile.Block.UNWRITTEN, scattered.blocks[0]);
    faulty.failWhere(null, 0);
    assertEquals((long) blocks * BLOCK, all.write(0, content, 0));
    MemorySegment back = filled(blocks * BLOCK, STALE);
    assertEquals((long) blocks * BLOCK, all.read(0, back, 0));
    assertEquals(-1, back.mismatch(content));
    scattered.completions().inFlight().await();
    faulty.close();
    direct.close();
  }

  @Test
  void nowaitAnswersEagain() {
    file.wouldBlock = true;
    assertEquals(-Errno.EAGAIN, io.read(0, filled(BLOCK, (byte) 0), Kiocb.NOWAIT));
  }

  @Test
  void dsyncWithoutFuaIsDeferredAndSynced() {
    file.fill(TestFile.Block.WRITTEN);
    assertEquals(BLOCK, io.write(0, filled(BLOCK, (byte) 1), Kiocb.DSYNC));
    assertEquals(1, file.syncs.get());
    assertEquals(1, deferred.stats().deferred());
  }

  @Test
  void dsyncWithFuaIsInlineForAPureOverwrite() {
    try (MemoryBlockDevice fua = new MemoryBlockDevice("fua", (long) BLOCKS * BLOCK, true, true);
        DirectIo direct = new DirectIo(fua)) {
      TestFile pure = new TestFile(fua, deferred, BLOCKS, true);
      pure.fill(TestFile.Block.WRITTEN);
      FileIo calls = new FileIo(kiocb -> direct.submit(pure, kiocb));
      assertEquals(BLOCK, calls.write(0, filled(BLOCK, (byte) 1), Kiocb.DSYNC));
      assertEquals(0, pure.syncs.get());
      assertEquals(0, deferred.stats().deferred());
      pure.fill(TestFile.Block.UNWRITTEN);
      assertEquals(BLOCK, calls.write(0, filled(BLOCK, (byte) 1), Kiocb.DSYNC));
      assertEquals(1, pure.syncs.get());
    }
  }

  @Test
  void anAppendGrowsTheSizeAtCompletion() throws Exception {
    file.fill(TestFile.Block.WRITTEN);
    file.size(0);
    device.holdWhere(r -> r.op() == BlockOp.WRITE);
    CompletableFuture<Long> append = io.writeAsync(0, filled(2 * BLOCK, (byte) 1), 0);
    device.awaitHeld(2);
    assertEquals(0, file.sizeBytes());
    device.holdWhere(null);
    device.release(true);
    assertEquals(2 * BLOCK, append.get(30, TimeUnit.SECONDS));
    assertEquals(2 * BLOCK, file.sizeBytes());
  }

  @Test
  void unmountWithAThousandWritesInFlightCompletesAll() throws Exception {
    device.holdWhere(r -> r.op() == BlockOp.WRITE);
    MemorySegment content = filled(BLOCK, (byte) 3);
    CompletableFuture<?>[] writes = new CompletableFuture<?>[1000];
    for (int i = 0; i < writes.length; i++) {
      writes[i] = io.writeAsync((long) (i % BLOCKS) * BLOCK, content, 0);
    }
    device.awaitHeld(writes.length);
    device.holdWhere(null);
    device.release(true);
    file.completions().inFlight().await();
    deferred.close();
    CompletableFuture.allOf(writes).get(30, TimeUnit.SECONDS);
    for (CompletableFuture<?> write : writes) {
      assertEquals((long) BLOCK, write.get());
    }
    assertNotEquals(0, deferred.stats().batches());
  }

  private long offset(long blockNr) {
    return file.deviceByteOffset(blockNr);
  }

  private MemorySegment filled(int lengthBytes, byte value) {
    MemorySegment segment = arena.allocate(lengthBytes, BLOCK);
    segment.fill(value);
    return segment;
  }

  private static void assertAll(MemorySegment memory, int from, int to, byte expected) {
    for (int i = from; i < to; i++) {
      assertEquals(expected, memory.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
    }
  }

  private final CountDownLatch completed = new CountDownLatch(1);

  private Kiocb kiocb(AtomicReference<Thread> completer) {
    return new Kiocb() {
      @Override
      protected void kiComplete(long result) {
        completer.set(Thread.currentThread());
        completed.countDown();
      }
    };
  }

  private void submitAndAwait(Kiocb kiocb) throws InterruptedException {
    engine.submit(file, kiocb);
    assertTrue(completed.await(30, TimeUnit.SECONDS));
  }
}
