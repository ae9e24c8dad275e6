package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries made by {@link Sqe}, judged by the running kernel, one at a time. */
class IoUringCallsTest {
  private static final long USER_DATA = 77;
  private static final int POLLIN = 1;

  @TempDir Path directory;

  private final Arena arena = Arena.ofConfined();
  private final CallState state = CallState.create();
  private final IoUringParams params = new IoUringParams(arena);
  private final int ring = setUp();
  private final MemorySegment rings =
      ring < 0 ? MemorySegment.NULL : Mmap.file(arena, ring, 0, 4096);
  private final MemorySegment sqes =
      ring < 0 ? MemorySegment.NULL : Mmap.file(arena, ring, 0x1000_0000L, 4L * Sqe.BYTES);

  private int setUp() {
    params.ask(0, 0, 0);
    return IoUringCalls.setup(4, params.segment());
  }

  @AfterEach
  void tearDown() {
    if (ring >= 0) {
      assertEquals(0, LinuxFiles.close(ring));
    }
    state.close();
    arena.close();
  }

  @Test
  void aNopGoesRound() {
    int sqe = next(Uring.OP_NOP);
    Sqe.nop(sqes, sqe);
    assertEquals(0, run(sqe));
  }

  @Test
  void aMessageArrivesBesideItsOwnCompletion() {
    int sqe = next(Uring.OP_MSG_RING);
    Sqe.message(sqes, sqe, ring, 99, 1234);
    Sqe.userData(sqes, sqe, USER_DATA);
    submit(2);
    long first = Cqe.userData(cqe(0), 0);
    int message = first == 99 ? 0 : 1;
    assertEquals(99, Cqe.userData(cqe(message), 0));
    assertEquals(1234, Cqe.result(cqe(message), 0));
    assertEquals(0, Cqe.result(cqe(1 - message), 0));
  }

  @Test
  void aTimeoutEndsWithEtime() {
    int sqe = next(Uring.OP_TIMEOUT);
    Sqe.timeout(sqes, sqe, new KernelTimespec(arena).set(1_000).address(), 0, 0);
    assertEquals(-Errno.ETIME, run(sqe));
  }

  @Test
  void thereIsNothingToCancel() {
    int sqe = next(Uring.OP_ASYNC_CANCEL);
    Sqe.cancel(sqes, sqe, 5, 0);
    assertEquals(-Errno.ENOENT, run(sqe));
  }

  @Test
  void thereIsNoTimeoutToRemove() {
    int sqe = next(Uring.OP_TIMEOUT_REMOVE);
    Sqe.timeoutRemove(sqes, sqe, 5);
    assertEquals(-Errno.ENOENT, run(sqe));
  }

  @Test
  void aPollSeesARaisedCounter() {
    int sqe = next(Uring.OP_POLL_ADD);
    int counter = Events.create();
    assertEquals(0, Events.raise(counter));
    Sqe.pollAdd(sqes, sqe, counter, POLLIN, false);
    assertEquals(POLLIN, run(sqe));
    assertEquals(0, LinuxFiles.close(counter));
  }

  @Test
  void filesAreUpdatedInTheirTable() {
    int sqe = next(Uring.OP_FILES_UPDATE);
    assertEquals(0, IoUringResources.sparseFiles(ring, 4));
    MemorySegment descriptors = arena.allocateFrom(ValueLayout.JAVA_INT, ring, -1);
    int counter = Events.create();
    descriptors.setAtIndex(ValueLayout.JAVA_INT, 0, counter);
    Sqe.filesUpdate(sqes, sqe, descriptors.address(), 2, 1);
    assertEquals(2, run(sqe));
    assertEquals(0, LinuxFiles.close(counter));
  }

  @Test
  void fallocateGrowsAFile() throws Exception {
    int sqe = next(Uring.OP_FALLOCATE);
    Path file = Files.createFile(directory.resolve("file"));
    int fd = LinuxFiles.open(file.toString(), LinuxFiles.O_RDWR, 0);
    Sqe.fallocate(sqes, sqe, fd, 0, 4096, 8192);
    assertEquals(0, run(sqe));
    assertEquals(12_288, Files.size(file));
    assertEquals(0, LinuxFiles.close(fd));
  }

  @Test
  void anUnknownOperationIsNotSupported() {
    assumeTrue(ring >= 0, () -> "io_uring is not available: " + Errno.describe(ring));
    assertTrue(!new IoUringProbe(ring).supports(255));
  }

  @Test
  void badCallsAnswerErrnos() {
    params.ask(0, 0, 0);
    int fd = IoUringCalls.setup(0, params.segment());
    assertTrue(fd == -Errno.EINVAL || fd == -Errno.EPERM || fd == -Errno.ENOSYS);
    int entered = IoUringCalls.enter(state, -1, 0, 0, 0, MemorySegment.NULL, 0);
    assertTrue(entered < 0);
  }

  /** Offset of the entry to fill; skips the test where the kernel lacks the operation. */
  private int next(int opcode) {
    assumeTrue(ring >= 0, () -> "io_uring is not available: " + Errno.describe(ring));
    assumeTrue(
        new IoUringProbe(ring).supports(opcode), () -> "the kernel lacks operation " + opcode);
    return 0;
  }

  /** Submits the first entry and gives its result. */
  private int run(int sqe) {
    Sqe.userData(sqes, sqe, USER_DATA);
    submit(1);
    assertEquals(USER_DATA, Cqe.userData(cqe(0), 0));
    return Cqe.result(cqe(0), 0);
  }

  private void submit(int completions) {
    rings.set(ValueLayout.JAVA_INT, params.sqArrayOffset(), 0);
    rings.set(ValueLayout.JAVA_INT, params.sqTailOffset(), 1);
    int flags = Uring.ENTER_GETEVENTS;
    assertEquals(1, IoUringCalls.enter(state, ring, 1, completions, flags, MemorySegment.NULL, 0));
    assertEquals(completions, rings.get(ValueLayout.JAVA_INT, params.cqTailOffset()));
  }

  private MemorySegment cqe(int index) {
    return rings.asSlice(params.cqCqesOffset() + (long) index * Cqe.BYTES, Cqe.BYTES);
  }
}
