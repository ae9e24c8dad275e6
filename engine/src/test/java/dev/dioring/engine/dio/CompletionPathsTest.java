package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where and in which order requests complete, apart from what they transfer. */
@Timeout(60)
class CompletionPathsTest {
  private static final int BLOCKS = 64;
  private static final int BLOCK = TestFile.BLOCK_BYTES;

  private final Arena arena = Arena.ofShared();
  private final MemoryBlockDevice memory = new MemoryBlockDevice("ram", (long) BLOCKS * BLOCK);
  private final FaultyBlockDevice device = new FaultyBlockDevice(memory);
  private final DeferredCompletions deferred = new DeferredCompletions("paths", 1);
  private final DirectIo engine = new DirectIo(device);
  private final MemorySegment block = arena.allocate(BLOCK, BLOCK);

  @AfterEach
  void close() {
    deferred.close();
    device.close();
    engine.close();
    arena.close();
  }

  /** Reads again from each completion, so that a layer without care nests without end. */
  private final class Chain extends Kiocb {
    final CountDownLatch done = new CountDownLatch(1);
    private final TestFile file;
    private int left;

    Chain(TestFile file, int length) {
      this.file = file;
      left = length;
    }

    void next() {
      engine.submit(file, read(0, block, 0));
    }

    @Override
    protected void kiComplete(long result) {
      if (result == BLOCK && --left > 0) {
        next();
      } else {
        done.countDown();
      }
    }
  }

  @Test
  void readsOfHolesThatFollowEachOtherDoNotNest() throws Exception {
    TestFile holes = new TestFile(device, deferred, BLOCKS, true);
    Chain here = new Chain(holes, 20_000);
    here.next();
    assertTrue(here.done.await(30, TimeUnit.SECONDS));
    assertEquals(0, here.left);

    Chain onCompletionThread = new Chain(holes, 20_000);
    TestFile written = new TestFile(device, deferred, BLOCKS, true);
    written.fill(TestFile.Block.WRITTEN);
    Kiocb starter =
        new Kiocb() {
          @Override
          protected void kiComplete(long result) {
            onCompletionThread.next();
          }
        };
    engine.submit(written, starter.read(0, block, 0));
    assertTrue(onCompletionThread.done.await(30, TimeUnit.SECONDS));
    assertEquals(0, onCompletionThread.left);
  }

  @Test
  void runsThatTouchOnTheDeviceGoOutAsOne() {
    TestFile file = new TestFile(device, deferred, BLOCKS, true);
    for (int i = 0; i < BLOCKS; i += 2) {
      file.blocks[i] = TestFile.Block.WRITTEN;
    }
    AtomicInteger writes = new AtomicInteger();
    device.failWhere(r -> r.op() == BlockOp.WRITE && writes.incrementAndGet() < 0, Errno.EIO);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    assertEquals(8 * BLOCK, io.write(0, arena.allocate(8 * BLOCK, BLOCK), 0));
    assertEquals(1, writes.get());
  }

  @Test
  void aRequestOfManyPartsReportsTheErrorOfOne() {
    TestFile file = new TestFile(device, deferred, BLOCKS, false);
    file.fill(TestFile.Block.WRITTEN);
    device.failWhere(r -> r.byteOffset() == file.deviceByteOffset(37), Errno.ENODEV);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    MemorySegment all = arena.allocate((long) BLOCKS * BLOCK, BLOCK);
    assertEquals(-Errno.ENODEV, io.read(0, all, 0));
    device.failWhere(null, 0);
    assertEquals(all.byteSize(), io.read(0, all, 0));
  }

  @Test
  void aTransferCutShortByTheMediumIsAnError() {
    TestFile file = new TestFile(device, deferred, 2 * BLOCKS, true);
    file.fill(TestFile.Block.WRITTEN);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    assertEquals(-Errno.EIO, io.read((BLOCKS - 1L) * BLOCK, arena.allocate(2 * BLOCK, BLOCK), 0));
  }

  @Test
  void aFullSyncOfAnOverwriteIsDeferredEvenWithFua() {
    try (MemoryBlockDevice fua = new MemoryBlockDevice("fua", (long) BLOCKS * BLOCK, true, true);
        DirectIo direct = new DirectIo(fua)) {
      TestFile file = new TestFile(fua, deferred, BLOCKS, true);
      file.fill(TestFile.Block.WRITTEN);
      FileIo io = new FileIo(kiocb -> direct.submit(file, kiocb));
      assertEquals(BLOCK, io.write(0, block, Kiocb.SYNC));
      assertEquals(1, file.syncs.get());
    }
  }

  @Test
  void aFileIsInFlightUntilItsWritesAreSynced() {
    AtomicInteger countInSync = new AtomicInteger();
    TestFile file =
        new TestFile(device, deferred, BLOCKS, true) {
          @Override
          public int sync(boolean dataOnly) {
            countInSync.set(completions().inFlight().count());
            return -Errno.EIO;
          }
        };
    AtomicInteger countAtCaller = new AtomicInteger(-1);
    AtomicLong result = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    Kiocb write =
        new Kiocb() {
          @Override
          protected void kiComplete(long r) {
            countAtCaller.set(file.completions().inFlight().count());
            result.set(r);
            done.countDown();
          }
        };
    engine.submit(file, write.write(0, block, Kiocb.DSYNC));
    await(done);
    assertEquals(1, countInSync.get());
    assertEquals(0, countAtCaller.get());
    assertEquals(-Errno.EIO, result.get());
  }

  @Test
  void aConversionThatThrowsFailsItsRequestsAlone() {
    AtomicBoolean broken = new AtomicBoolean(true);
    TestFile file =
        new TestFile(device, deferred, BLOCKS, true) {
          @Override
          public void convert(ConversionBatch batch) {
            if (broken.get()) {
              throw new IllegalStateException("thrown by the test, on purpose");
            }
            super.convert(batch);
          }
        };
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    assertEquals(-Errno.EIO, io.write(0, block, 0));
    broken.set(false);
    assertEquals(BLOCK, io.write(0, block, 0));
  }

  @Test
  void aBusyFileLetsAnotherHaveItsTurn() throws Exception {
    TestFile busy = new TestFile(device, deferred, BLOCKS, true);
    TestFile other = new TestFile(device, deferred, BLOCKS, true);
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch stopped = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      long position = (long) i * BLOCK;
      Kiocb endless =
          new Kiocb() {
            @Override
            protected void kiComplete(long result) {
              busy.fill(TestFile.Block.UNWRITTEN);
              if (stop.get()) {
                stopped.countDown();
              } else {
                engine.submit(busy, write(position, block, 0));
              }
            }
          };
      engine.submit(busy, endless.write(position, block, 0));
    }
    FileIo io = new FileIo(kiocb -> engine.submit(other, kiocb));
    for (int i = 0; i < 20; i++) {
      CompletableFuture<Long> write = io.writeAsync((long) i * BLOCK, block, 0);
      assertEquals(BLOCK, write.get(30, TimeUnit.SECONDS));
    }
    stop.set(true);
    await(stopped);
  }

  @Test
  void memoryOfOneThreadIsRefused() {
    TestFile file = new TestFile(device, deferred, BLOCKS, true);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    try (Arena confined = Arena.ofConfined()) {
      assertEquals(-Errno.EINVAL, io.read(0, confined.allocate(BLOCK, BLOCK), 0));
    }
    assertEquals(-Errno.EINVAL, io.read(0, block.asReadOnly(), 0));
    assertEquals(-Errno.EINVAL, io.write(Long.MAX_VALUE - BLOCK + 1, block, 0));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
