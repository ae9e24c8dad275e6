package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What every backend must do alike. */
@Timeout(120)
abstract class BlockDeviceContract {
  static final int SIZE_BYTES = 4 << 20;
  private static final int PAGE = 4096;
  private static final long SEED = 7;

  private final Arena arena = Arena.ofShared();
  private BlockDevice device;
  private BlockIo io;

  /** Opens a zeroed device of {@link #SIZE_BYTES}. */
  abstract BlockDevice open() throws Exception;

  @BeforeEach
  void openDevice() throws Exception {
    device = open();
    io = new BlockIo(device);
  }

  @AfterEach
  void closeDevice() throws Exception {
    if (device != null) {
      device.close();
    }
    arena.close();
    cleanUp();
  }

  void cleanUp() throws Exception {}

  BlockDevice device() {
    return device;
  }

  @Test
  void randomWritesAreReadBack() throws Exception {
    Random random = new Random(SEED);
    byte[] model = new byte[SIZE_BYTES];
    for (int i = 0; i < 200; i++) {
      int pages = 1 + random.nextInt(8);
      int at = random.nextInt(SIZE_BYTES / PAGE - pages) * PAGE;
      byte[] content = new byte[pages * PAGE];
      random.nextBytes(content);
      System.arraycopy(content, 0, model, at, content.length);
      MemorySegment memory = memory(content.length);
      memory.copyFrom(MemorySegment.ofArray(content));
      if (i % 10 == 0) {
        io.writeFua(at, memory);
      } else {
        io.write(at, memory);
      }
    }
    io.flush();
    assertContent(model);
  }

  @Test
  void vectorsAreScatteredAndGathered() throws Exception {
    MemorySegment[] out = {pattern(PAGE, 1), pattern(3 * PAGE, 2), pattern(PAGE, 3)};
    BlockIo.Waiter request = new BlockIo.Waiter();
    request.writev(2 * PAGE, out, 3);
    assertEquals(5 * PAGE, io.call(request));
    MemorySegment[] in = {memory(2 * PAGE), memory(3 * PAGE)};
    request.readv(2 * PAGE, in, 2);
    assertEquals(5 * PAGE, io.call(request));
    assertEquals(1, in[0].get(ValueLayout.JAVA_BYTE, 0));
    assertEquals(2, in[0].get(ValueLayout.JAVA_BYTE, PAGE));
    assertEquals(2, in[1].get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1));
    assertEquals(3, in[1].get(ValueLayout.JAVA_BYTE, 2 * PAGE));
  }

  @Test
  void zeroedRangesReadAsZeroes() throws Exception {
    io.write(0, pattern(8 * PAGE, 9));
    io.writeZeroes(2 * PAGE, 4 * PAGE);
    MemorySegment back = memory(8 * PAGE);
    io.readFully(0, back);
    assertEquals(9, back.get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1));
    for (int i = 2 * PAGE; i < 6 * PAGE; i++) {
      assertEquals(0, back.get(ValueLayout.JAVA_BYTE, i));
    }
    assertEquals(9, back.get(ValueLayout.JAVA_BYTE, 6 * PAGE));
  }

  @Test
  void readsEndAtTheEndOfTheMedium() throws Exception {
    assertEquals(PAGE, io.read(SIZE_BYTES - PAGE, memory(4 * PAGE)));
    assertEquals(0, io.read(SIZE_BYTES, memory(PAGE)));
    BlockIoException thrown =
        assertThrows(
            BlockIoException.class, () -> io.readFully(SIZE_BYTES - PAGE, memory(2 * PAGE)));
    assertTrue(thrown.getMessage().contains("truncated"), thrown.getMessage());
  }

  @Test
  void writesBehindTheEndAreRefused() {
    BlockIoException thrown =
        assertThrows(BlockIoException.class, () -> io.write(SIZE_BYTES - PAGE, memory(2 * PAGE)));
    assertEquals(Errno.ENOSPC, thrown.errno());
  }

  @Test
  void unalignedRequestsNameTheAlignment() {
    int unit = device.geometry().offsetAlignmentBytes();
    BlockIoException offset =
        assertThrows(BlockIoException.class, () -> io.read(100, memory(PAGE)));
    assertEquals(Errno.EINVAL, offset.errno());
    assertTrue(
        offset.getMessage().contains("offset 100 is not a multiple of " + unit),
        offset.getMessage());
    BlockIoException length =
        assertThrows(BlockIoException.class, () -> io.read(0, memory(PAGE).asSlice(0, 100)));
    assertTrue(length.getMessage().contains("length 100"), length.getMessage());
    BlockIoException negative =
        assertThrows(BlockIoException.class, () -> io.read(-PAGE, memory(PAGE)));
    assertTrue(negative.getMessage().contains("negative"), negative.getMessage());
    assertThrows(BlockIoException.class, () -> io.read(0, MemorySegment.ofArray(new byte[PAGE])));
  }

  @Test
  void refusalsCompleteOnTheCompletionThreadToo() throws Exception {
    MemorySegment misaligned = memory(PAGE).asSlice(1, PAGE - 512);
    CountDownLatch done = new CountDownLatch(1);
    AtomicInteger left = new AtomicInteger(20_000);
    AtomicInteger wrong = new AtomicInteger();
    BlockRequest request =
        new BlockRequest() {
          @Override
          protected void completed(int result) {
            if (result != -Errno.EINVAL || !device.onCompletionThread()) {
              wrong.incrementAndGet();
            }
            if (left.decrementAndGet() > 0) {
              device.submit(read(0, misaligned)); // would overflow the stack if it called itself
            } else {
              done.countDown();
            }
          }
        };
    device.submit(request.read(0, misaligned));
    assertTrue(done.await(60, TimeUnit.SECONDS));
    assertEquals(0, wrong.get());
  }

  @Test
  void memoryThatTheKernelMayNotUseIsNamed() {
    MemorySegment fixed = memory(PAGE).asReadOnly();
    assertTrue(refusal(() -> io.read(0, fixed)).contains("read-only"));
    MemorySegment heap = MemorySegment.ofArray(new byte[PAGE]);
    assertTrue(refusal(() -> io.write(0, heap)).contains("heap"));
    MemorySegment freed;
    try (Arena shortLived = Arena.ofShared()) {
      freed = shortLived.allocate(PAGE, PAGE);
    }
    assertTrue(refusal(() -> io.read(0, freed)).contains("freed"));
    int unit = device.geometry().memoryAlignmentBytes();
    if (unit > 1) {
      MemorySegment odd = memory(2 * PAGE).asSlice(1, PAGE);
      assertTrue(refusal(() -> io.read(0, odd)).contains("multiple of " + unit));
    }
  }

  @Test
  void emptyRequestsDoNothing() throws Exception {
    assertEquals(0, io.read(0, memory(PAGE).asSlice(0, 0)));
    io.write(PAGE, memory(PAGE).asSlice(0, 0));
    io.discard(0, 0);
    io.writeZeroes(SIZE_BYTES, 0);
  }

  @Test
  void discardLeavesTheRestAlone() throws Exception {
    io.write(0, pattern(4 * PAGE, 6));
    try {
      io.discard(PAGE, PAGE);
    } catch (BlockIoException e) {
      assertEquals(Errno.EOPNOTSUPP, e.errno());
      assertFalse(device.geometry().discard(), "a device that says it discards");
    }
    MemorySegment back = memory(4 * PAGE);
    io.readFully(0, back);
    assertEquals(6, back.get(ValueLayout.JAVA_BYTE, PAGE - 1));
    assertEquals(6, back.get(ValueLayout.JAVA_BYTE, 2 * PAGE));
  }

  @Test
  void aBlockingCallFromACallbackIsRefused() throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    MemorySegment memory = memory(PAGE);
    BlockRequest request =
        new BlockRequest() {
          @Override
          protected void completed(int result) {
            thrown.complete(assertThrows(IllegalStateException.class, () -> io.read(0, memory)));
          }
        };
    device.submit(request.read(0, memory));
    String message = String.valueOf(thrown.get(30, TimeUnit.SECONDS).getMessage());
    assertTrue(message.contains(device.name()), message);
  }

  @Test
  void strayWakeUpsDoNotEndACallEarly() throws Exception {
    io.write(0, pattern(PAGE, 3));
    AtomicInteger wrong = new AtomicInteger();
    MemorySegment memory = memory(PAGE);
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    memory.fill((byte) 0);
                    try {
                      io.readFully(0, memory);
                    } catch (BlockIoException e) {
                      wrong.incrementAndGet();
                    }
                    if (memory.get(ValueLayout.JAVA_BYTE, PAGE - 1) != 3) {
                      wrong.incrementAndGet();
                    }
                  }
                });
    while (reader.isAlive()) {
      LockSupport.unpark(reader);
      Thread.yield();
    }
    assertEquals(0, wrong.get());
  }

  @Test
  void closingLetsRequestsInFlightEnd() throws Exception {
    int count = 64;
    AtomicInteger completed = new AtomicInteger();
    for (int i = 0; i < count; i++) {
      MemorySegment memory = memory(16 * PAGE);
      CompletableFuture<Integer> unused =
          io.readAsync(0, memory).whenComplete((result, failure) -> completed.incrementAndGet());
    }
    device.close();
    assertEquals(count, completed.get());
  }

  @Test
  void futuresCarryResultsAndErrors() throws Exception {
    assertEquals(PAGE, io.writeAsync(0, pattern(PAGE, 5)).get(30, TimeUnit.SECONDS));
    assertEquals(PAGE, io.readAsync(0, memory(PAGE)).get(30, TimeUnit.SECONDS));
    ExecutionException thrown =
        assertThrows(
            ExecutionException.class,
            () -> io.readAsync(1, memory(PAGE)).get(30, TimeUnit.SECONDS));
    assertTrue(thrown.getCause() instanceof BlockIoException);
  }

  @Test
  void completionsMaySubmitAgain() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    AtomicInteger left = new AtomicInteger(1000);
    AtomicInteger wrong = new AtomicInteger();
    MemorySegment memory = memory(PAGE);
    BlockRequest request =
        new BlockRequest() {
          @Override
          protected void completed(int result) {
            if (result != PAGE || !device.onCompletionThread()) {
              wrong.incrementAndGet();
            }
            if (left.decrementAndGet() > 0) {
              device.submit(read(0, memory));
            } else {
              done.countDown();
            }
          }
        };
    device.submit(request.read(0, memory));
    assertTrue(done.await(60, TimeUnit.SECONDS));
    assertEquals(0, wrong.get());
  }

  @Test
  void manyVirtualThreadsBlockAtOnce() throws Exception {
    List<Thread> threads = new ArrayList<>();
    AtomicInteger failures = new AtomicInteger();
    for (int i = 0; i < 300; i++) {
      long at = (long) (i % (SIZE_BYTES / PAGE)) * PAGE;
      MemorySegment memory = memory(PAGE);
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int n = 0; n < 5; n++) {
                    io.readFully(at, memory);
                  }
                } catch (BlockIoException e) {
                  failures.incrementAndGet();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, failures.get());
  }

  @Test
  void anInterruptedCallerKeepsItsInterruptAndItsData() throws Exception {
    io.write(0, pattern(PAGE, 4));
    MemorySegment memory = memory(PAGE);
    Thread.currentThread().interrupt();
    io.readFully(0, memory);
    assertTrue(Thread.interrupted());
    assertEquals(4, memory.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void submittingAgainFromARefusalDoesNotRecurse() throws Exception {
    Stubborn underWay = new Stubborn(100_000);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(device::close);
    underWay.submit();
    closing.get(60, TimeUnit.SECONDS);
    Stubborn late = new Stubborn(100_000);
    late.submit();
    assertTrue(underWay.done.await(60, TimeUnit.SECONDS));
    assertTrue(late.done.await(60, TimeUnit.SECONDS));
    assertEquals(-Errno.ESHUTDOWN, late.last);
  }

  /** Submits itself again, whatever happens, until it was refused a number of times. */
  private final class Stubborn extends BlockRequest {
    private final CountDownLatch done = new CountDownLatch(1);
    private int refusalsLeft;
    private volatile int last;

    Stubborn(int refusals) {
      refusalsLeft = refusals;
    }

    void submit() {
      device.submit(flush());
    }

    @Override
    protected void completed(int result) {
      last = result;
      if (result < 0 && --refusalsLeft == 0) {
        done.countDown();
      } else {
        submit();
      }
    }
  }

  @Test
  void aClosedDeviceRefuses() throws Exception {
    device.close();
    device.close();
    BlockIoException thrown = assertThrows(BlockIoException.class, () -> io.read(0, memory(PAGE)));
    assertEquals(Errno.ESHUTDOWN, thrown.errno());
  }

  @Test
  void closingUnderLoadCompletesEveryRequestOnce() throws Exception {
    int threads = 8;
    AtomicInteger submitted = new AtomicInteger();
    AtomicInteger completed = new AtomicInteger();
    CountDownLatch underWay = new CountDownLatch(threads * 20);
    List<Thread> submitters = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      MemorySegment memory = memory(PAGE);
      submitters.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    CompletableFuture<Integer> last;
                    do {
                      submitted.incrementAndGet();
                      last =
                          io.readAsync(0, memory)
                              .whenComplete((r, e) -> completed.incrementAndGet());
                      int unused = last.exceptionally(e -> -1).join();
                      underWay.countDown();
                    } while (!last.isCompletedExceptionally());
                  }));
    }
    assertTrue(underWay.await(60, TimeUnit.SECONDS));
    device.close();
    for (Thread thread : submitters) {
      thread.join();
    }
    assertEquals(submitted.get(), completed.get());
  }

  @Test
  void theShapeIsToldAndOrdered() {
    Geometry geometry = device.geometry();
    assertEquals(SIZE_BYTES, geometry.sizeBytes());
    assertEquals(1, Integer.bitCount(geometry.offsetAlignmentBytes()));
    assertTrue(geometry.physicalBlockBytes() >= geometry.logicalBlockBytes());
    assertFalse(device.capabilities().backend().isEmpty());
    assertFalse(device.capabilities().reason().isEmpty());
  }

  private static String refusal(Executable call) {
    return String.valueOf(assertThrows(BlockIoException.class, call).getMessage());
  }

  private void assertContent(byte[] model) throws BlockIoException {
    MemorySegment back = memory(SIZE_BYTES);
    io.readFully(0, back);
    assertEquals(-1, back.mismatch(MemorySegment.ofArray(model)), "seed " + SEED);
  }

  private MemorySegment memory(int lengthBytes) {
    return arena.allocate(lengthBytes, PAGE);
  }

  private MemorySegment pattern(int lengthBytes, int value) {
    MemorySegment memory = memory(lengthBytes);
    memory.fill((byte) value);
    return memory;
  }
}
