package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.FaultPlan.Fault;
import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault, seen from above and on the medium. */
@Timeout(60)
class FaultyBlockDeviceTest {
  private static final long SEED = 4711;
  private static final int SECTOR = 512;
  private static final int SECTORS = 8;

  private final Arena arena = Arena.ofShared();
  private final MemoryBlockDevice memory = new MemoryBlockDevice("ram", 1 << 20);
  private final FaultPlan plan = new FaultPlan(SEED);
  private final FaultyBlockDevice device = new FaultyBlockDevice(memory, plan);
  private final BlockIo io = new BlockIo(device);

  @AfterEach
  void close() {
    device.close();
    arena.close();
  }

  @Test
  void theNthMatchingRequestFailsAndLeavesNothing() throws Exception {
    plan.nth(1, FaultyBlockDeviceTest::isWrite, Fault.FAIL);
    io.write(0, filled(1, SECTOR));
    io.flush();
    assertEquals(-Errno.EIO, write(SECTOR, filled(2, SECTOR)));
    io.write(2 * SECTOR, filled(3, SECTOR));
    assertEquals("103", medium(3));
    assertEquals(1, plan.injected(Fault.FAIL));
  }

  @Test
  void aTornWriteLeavesSomeSectorsAndFails() {
    plan.some(1, FaultyBlockDeviceTest::isWrite, Fault.TEAR);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      memory.medium().fill((byte) 0);
      assertEquals(-Errno.EIO, write(0, filled(1, SECTORS * SECTOR)));
      seen.add(medium(SECTORS));
    }
    assertTrue(seen.size() > 10, "only " + seen + ", seed " + SEED);
    assertTrue(seen.stream().anyMatch(state -> state.contains("01")), "always a prefix: " + seen);
    assertTrue(!seen.contains("1".repeat(SECTORS)), "a failed write was whole, seed " + SEED);
  }

  @Test
  void aTornVectorTakesEachSectorFromItsSegment() {
    plan.some(1, FaultyBlockDeviceTest::isWrite, Fault.TEAR);
    MemorySegment[] segments = {filled(1, SECTOR), filled(2, 2 * SECTOR), filled(3, SECTOR)};
    for (int i = 0; i < 50; i++) {
      memory.medium().fill((byte) 0);
      BlockIo.Waiter request = new BlockIo.Waiter();
      request.writev(0, segments, segments.length);
      assertEquals(-Errno.EIO, io.call(request));
      assertTrue(medium(4).matches("[01][02][02][03]"), medium(4) + ", seed " + SEED);
    }
  }

  @Test
  void shortTransfersSayHowMuchTheyDid() {
    plan.some(1, request -> true, Fault.SHORTEN);
    Set<Integer> lengths = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      memory.medium().fill((byte) 0);
      int written = write(0, filled(1, SECTORS * SECTOR));
      int sectors = written / SECTOR;
      assertTrue(written >= 0 && sectors < SECTORS, "wrote " + written + ", seed " + SEED);
      assertEquals("1".repeat(sectors) + "0".repeat(SECTORS - sectors), medium(SECTORS));
      lengths.add(written);
    }
    assertTrue(lengths.size() > 3, "only " + lengths + ", seed " + SEED);
    MemorySegment back = filled(9, SECTORS * SECTOR);
    BlockIo.Waiter request = new BlockIo.Waiter();
    request.read(0, back);
    int read = io.call(request);
    assertTrue(read >= 0 && read < back.byteSize(), "read " + read);
    assertEquals(9, back.get(JAVA_BYTE, back.byteSize() - 1));
  }

  @Test
  void delayedRequestsAreOvertaken() throws Exception {
    plan.some(0.5, FaultyBlockDeviceTest::isWrite, Fault.DELAY);
    List<Integer> submitted = new ArrayList<>();
    ConcurrentLinkedQueue<Integer> completed = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<?>> writes = new ArrayList<>();
    CountDownLatch gate = holdCompletionThread();
    for (int i = 0; i < 100; i++) {
      int number = i;
      submitted.add(i);
      CompletableFuture<Integer> write = io.writeAsync((long) i * SECTOR, filled(i, SECTOR));
      writes.add(write.thenAccept(result -> completed.add(number)));
    }
    gate.countDown();
    for (CompletableFuture<?> write : writes) {
      write.get(30, TimeUnit.SECONDS);
    }
    assertNotEquals(submitted, List.copyOf(completed));
    assertEquals(Set.copyOf(submitted), Set.copyOf(completed));
    for (int i = 0; i < 100; i++) {
      assertEquals(i, memory.medium().get(JAVA_BYTE, (long) i * SECTOR));
    }
  }

  /** A recorded device sees no flush that nobody asked for. */
  @Test
  void faultsMakeNothingDurable() {
    RecordingBlockDevice recording = new RecordingBlockDevice(new MemoryBlockDevice("r", 1 << 20));
    FaultPlan all = new FaultPlan(SEED).some(1, request -> true, Fault.FAIL);
    try (FaultyBlockDevice failing = new FaultyBlockDevice(recording, all)) {
      BlockIo above = new BlockIo(failing);
      assertThrows(BlockIoException.class, () -> above.write(0, filled(1, SECTOR)));
      assertThrows(BlockIoException.class, above::flush);
      assertEquals(List.of(), recording.log());
    }
  }

  @Test
  void afterAPowerCutEverythingFailsAndTheMediumIsLawful() throws Exception {
    RecordingBlockDevice recording = new RecordingBlockDevice(new MemoryBlockDevice("r", 1 << 20));
    FaultPlan cut = new FaultPlan(SEED).nth(3, FaultyBlockDeviceTest::isWrite, Fault.CUT_POWER);
    Set<String> left = new HashSet<>();
    try (FaultyBlockDevice dying = new FaultyBlockDevice(recording, cut)) {
      BlockIo above = new BlockIo(dying);
      above.write(0, filled(1, SECTOR));
      above.flush();
      above.write(SECTOR, filled(2, SECTOR));
      above.write(2 * SECTOR, filled(3, SECTOR));
      assertThrows(BlockIoException.class, () -> above.write(3 * SECTOR, filled(4, SECTOR)));
      assertThrows(BlockIoException.class, above::flush);
      assertThrows(BlockIoException.class, () -> above.readFully(0, filled(0, SECTOR)));
      PowerCut cuts = new PowerCut(recording.log(), recording.events(), SECTOR, 0, SEED);
      for (int i = 0; i < 100; i++) {
        MemorySegment image = MemorySegment.ofArray(new byte[4 * SECTOR]);
        cuts.stateAtEnd(i).applyTo(image);
        left.add(text(image, 4));
      }
    }
    assertEquals(Set.of("1000", "1200", "1030", "1230"), left);
  }

  @Test
  void whatIsKeptBackAtAPowerCutIsLost() throws Exception {
    device.holdWhere(FaultyBlockDeviceTest::isWrite);
    CompletableFuture<Integer> write = io.writeAsync(0, filled(1, SECTOR));
    device.awaitHeld(1);
    device.cutPower();
    assertEquals(-Errno.EIO, write.handle((r, e) -> errno(e)).get(30, TimeUnit.SECONDS));
    assertEquals("0", medium(1));
  }

  /** Nobody would release a request that is found worth keeping while the device closes. */
  @Test
  void aRequestThatComesWhileItClosesIsNotKeptBack() throws Exception {
    FaultyBlockDevice closing = new FaultyBlockDevice(new MemoryBlockDevice("r", 1 << 20));
    CountDownLatch submitting = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    closing.holdWhere(
        request -> {
          submitting.countDown();
          Uninterruptibly.await(closed);
          return true;
        });
    MemorySegment data = filled(1, SECTOR);
    CompletableFuture<Integer> result = new CompletableFuture<>();
    BlockRequest write =
        new BlockRequest() {
          @Override
          protected void completed(int outcome) {
            result.complete(outcome);
          }
        };
    write.write(0, data);
    Thread submitter = Thread.startVirtualThread(() -> closing.submit(write));
    submitting.await();
    closing.close();
    closed.countDown();
    assertEquals(-Errno.ESHUTDOWN, result.get(30, TimeUnit.SECONDS));
    submitter.join();
  }

  @Test
  void thePlanFollowsFromItsSeed() {
    assertEquals(choices(SEED), choices(SEED));
    assertNotEquals(choices(SEED), choices(SEED + 1));
  }

  private List<Boolean> choices(long seed) {
    FaultPlan some = new FaultPlan(seed).some(0.5, FaultyBlockDeviceTest::isWrite, Fault.FAIL);
    BlockRequest request = new BlockIo.Waiter().write(0, filled(1, SECTOR));
    List<Boolean> chosen = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      chosen.add(some.choose(request) != null);
    }
    return chosen;
  }

  /** Keeps the device from doing anything until the latch is counted down. */
  private CountDownLatch holdCompletionThread() {
    CountDownLatch gate = new CountDownLatch(1);
    BlockRequest request =
        new BlockRequest() {
          @Override
          protected void completed(int result) {
            Uninterruptibly.await(gate);
          }
        };
    memory.submit(request.flush());
    return gate;
  }

  private static boolean isWrite(BlockRequest request) {
    return request.op() == BlockOp.WRITE;
  }

  private int write(long byteOffset, MemorySegment data) {
    BlockIo.Waiter request = new BlockIo.Waiter();
    request.write(byteOffset, data);
    return io.call(request);
  }

  private MemorySegment filled(int fill, int bytes) {
    return arena.allocate(bytes, SECTOR).fill((byte) fill);
  }

  private static int errno(Throwable failure) {
    return failure instanceof BlockIoException e ? -e.errno() : 0;
  }

  private String medium(int sectors) {
    return text(memory.medium(), sectors);
  }

  private static String text(MemorySegment medium, int sectors) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < sectors; i++) {
      text.append(medium.get(JAVA_BYTE, (long) i * SECTOR));
    }
    return text.toString();
  }
}
