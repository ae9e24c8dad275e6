package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class IoUringCallsTest {
  @Test
  void aNopGoesRound() {
    try (Arena arena = Arena.ofConfined();
        CallState state = CallState.create()) {
      IoUringParams params = new IoUringParams(arena);
      params.ask(0, 0, 0);
      int fd = IoUringCalls.setup(4, params.segment());
      assumeTrue(fd >= 0, () -> "io_uring is not available: " + Errno.describe(fd));
      MemorySegment rings = Mmap.file(arena, fd, 0, 4096);
      MemorySegment sqes = Mmap.file(arena, fd, 0x1000_0000L, 4L * Sqe.BYTES);
      Sqe.nop(sqes, 0);
      Sqe.userData(sqes, 0, 77);
      rings.set(ValueLayout.JAVA_INT, params.sqArrayOffset(), 0);
      rings.set(ValueLayout.JAVA_INT, params.sqTailOffset(), 1);
      int entered =
          IoUringCalls.enter(state, fd, 1, 1, Uring.ENTER_GETEVENTS, MemorySegment.NULL, 0);
      assertEquals(1, entered);
      MemorySegment cqe = rings.asSlice(params.cqCqesOffset(), Cqe.BYTES);
      assertEquals(77, Cqe.userData(cqe, 0));
      assertEquals(0, Cqe.result(cqe, 0));
      assertTrue(new IoUringProbe(fd).supports(Uring.OP_READ));
      assertEquals(0, LinuxFiles.close(fd));
    }
  }

  @Test
  void badCallsAnswerErrnos() {
    try (Arena arena = Arena.ofConfined();
        CallState state = CallState.create()) {
      IoUringParams params = new IoUringParams(arena);
      params.ask(0, 0, 0);
      int fd = IoUringCalls.setup(0, params.segment());
      assertTrue(fd == -Errno.EINVAL || fd == -Errno.EPERM || fd == -Errno.ENOSYS);
      int entered = IoUringCalls.enter(state, -1, 0, 0, 0, MemorySegment.NULL, 0);
      assertTrue(entered < 0);
    }
  }
}
