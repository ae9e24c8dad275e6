package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two more kinds of filesystem on the layer: one that appends, one that carries a lock. */
@Timeout(60)
class ClientPatternsTest {
  private static final int BLOCKS = 64;
  private static final int BLOCK = TestFile.BLOCK_BYTES;
  private static final byte STALE = (byte) 0xee;

  private final Arena arena = Arena.ofShared();
  private final MemoryBlockDevice memory = new MemoryBlockDevice("ram", (long) BLOCKS * BLOCK);
  private final FaultyBlockDevice device = new FaultyBlockDevice(memory);
  private final DeferredCompletions deferred = new DeferredCompletions("clients", 2);
  private final DirectIo engine = new DirectIo(device);

  @AfterEach
  void close() {
    deferred.close();
    device.close();
    engine.close();
    arena.close();
  }

  /** XFS's pattern: blocks behind the end are preallocated, the size follows the completion. */
  @Test
  void asynchronousAppendsGrowTheFileOnlyOverWhatCanBeRead() throws Exception {
    memory.medium().fill(STALE);
    TestFile file = new TestFile(device, deferred, BLOCKS, true);
    file.size(0);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    device.holdWhere(r -> r.op() == BlockOp.WRITE);
    List<CompletableFuture<Long>> appends = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      appends.add(io.writeAsync((long) i * BLOCK, block((byte) (i + 1)), 0));
    }
    device.awaitHeld(BLOCKS);
    assertEquals(0, file.sizeBytes());
    MemorySegment seen = arena.allocate((long) BLOCKS * BLOCK, BLOCK);
    assertEquals(0, io.read(0, seen, 0));
    device.holdWhere(null);
    // The last append ends first: what lies before it is still unwritten, and reads as zeroes.
    device.release(true);
    boolean done = false;
    while (!done) {
      done = appends.stream().allMatch(CompletableFuture::isDone);
      long length = io.read(0, seen, 0);
      assertEquals(0, length % BLOCK);
      for (long at = 0; at < length; at += BLOCK) {
        byte value = seen.get(ValueLayout.JAVA_BYTE, at);
        assertTrue(value == 0 || value == at / BLOCK + 1, "block " + at / BLOCK + ": " + value);
      }
    }
    assertEquals((long) BLOCKS * BLOCK, file.sizeBytes());
    assertEquals((long) BLOCKS * BLOCK, io.read(0, seen, 0));
    for (int i = 0; i < BLOCKS; i++) {
      assertEquals((byte) (i + 1), seen.get(ValueLayout.JAVA_BYTE, (long) i * BLOCK));
    }
  }

  @Test
  void aFailedAppendLeavesTheSizeAlone() {
    TestFile file = new TestFile(device, deferred, BLOCKS, true);
    file.size(0);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    device.failWhere(r -> r.op() == BlockOp.WRITE, Errno.EIO);
    assertEquals(-Errno.EIO, io.write(0, block((byte) 1), 0));
    assertEquals(0, file.sizeBytes());
  }

  @Test
  void anAppendInsideAWrittenBlockClearsWhatLiesBehindIt() {
    memory.medium().fill(STALE);
    TestFile file = new TestFile(device, deferred, BLOCKS, true);
    file.fill(TestFile.Block.WRITTEN);
    file.size(0);
    FileIo io = new FileIo(kiocb -> engine.submit(file, kiocb));
    MemorySegment content = block((byte) 9).asSlice(0, 512);
    assertEquals(512, io.write(0, content, 0));
    assertEquals(512, file.sizeBytes());
    assertEquals((byte) 9, memory.medium().get(ValueLayout.JAVA_BYTE, 511));
    assertEquals((byte) 0, memory.medium().get(ValueLayout.JAVA_BYTE, 512));
    assertEquals((byte) 0, memory.medium().get(ValueLayout.JAVA_BYTE, BLOCK - 1));
    assertEquals(STALE, memory.medium().get(ValueLayout.JAVA_BYTE, BLOCK));
  }

  /** OCFS2's pattern: the lock travels with the request and is released where that ends. */
  private static final class LockingFile extends TestFile {
    final Semaphore inodeLock = new Semaphore(1);
    final AtomicInteger holders = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();
    volatile boolean overlapped;

    LockingFile(FaultyBlockDevice device, DeferredCompletions deferred) {
      super(device, deferred, BLOCKS, true);
    }

    void submit(DirectIo engine, Kiocb kiocb) {
      inodeLock.acquireUninterruptibly();
      overlapped |= holders.incrementAndGet() != 1;
      kiocb.privateObject(inodeLock);
      engine.submit(this, kiocb);
    }

    @Override
    public long endIo(Kiocb kiocb, long byteOffset, long transferredBytes, long result) {
      overlapped |= holders.decrementAndGet() != 0;
      released.incrementAndGet();
      kiocb.privateObject(null);
      inodeLock.release();
      return super.endIo(kiocb, byteOffset, transferredBytes, result);
    }
  }

  @Test
  void aLockCarriedByTheRequestIsReleasedOnceOnEveryPath() throws Exception {
    LockingFile file = new LockingFile(device, deferred);
    FileIo io = new FileIo(kiocb -> file.submit(engine, kiocb));
    MemorySegment content = block((byte) 1);
    assertEquals(BLOCK, io.write(0, content, 0)); // deferred
    assertEquals(BLOCK, io.write(0, content, 0)); // inline
    assertEquals(BLOCK, io.write(0, content, Kiocb.DSYNC)); // deferred for the sync alone
    assertEquals(BLOCK, io.read(BLOCK, content, 0)); // no I/O
    assertEquals(0, io.read((long) BLOCKS * BLOCK, content, 0)); // end of file
    assertEquals(-Errno.EINVAL, io.read(3, content, 0)); // refused
    file.wouldBlock = true;
    assertEquals(-Errno.EAGAIN, io.read(0, content, Kiocb.NOWAIT)); // not mapped
    device.failWhere(r -> r.op() == BlockOp.WRITE, Errno.EIO);
    assertEquals(-Errno.EIO, io.write(0, content, 0)); // failed
    device.failWhere(null, 0);
    assertEquals(8, file.released.get());
    assertEquals(1, file.inodeLock.availablePermits());

    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      long position = (long) i * BLOCK;
      threads.add(Thread.startVirtualThread(() -> io.write(position, content, 0)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(40, file.released.get());
    assertFalse(file.overlapped);
  }

  private MemorySegment block(byte value) {
    MemorySegment segment = arena.allocate(BLOCK, BLOCK);
    segment.fill(value);
    return segment;
  }
}
