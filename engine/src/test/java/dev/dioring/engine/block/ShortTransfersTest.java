package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.Events;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.FailingRing;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kernel that does less than it was asked, and one that says EAGAIN. The faults change submission
 * entries just before the kernel reads them, so the completions are real.
 */
@Timeout(60)
class ShortTransfersTest {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 16;

  // Offsets in an entry.
  private static final int OPCODE = 0;
  private static final int FLAGS = 1;
  private static final int FD = 4;
  private static final int LENGTH = 24;
  private static final int OPERATION_FLAGS = 28;
  private static final int BUFFER_INDEX = 40;

  @TempDir private Path directory;
  private final FailingRing.Faults faults = new FailingRing.Faults();
  private final AtomicInteger changed = new AtomicInteger();
  private Path file = Path.of("");
  private UringBlockDevice device;

  @BeforeEach
  void open() throws Exception {
    file = Files.write(directory.resolve("file"), new byte[BLOCKS * BLOCK]);
    OpenOptions options = OpenOptions.DEFAULT.withBuffered(true);
    int fd = LinuxFiles.open(file.toString(), LinuxFiles.O_RDWR, 0);
    Geometry geometry = DeviceProbe.geometry(file.toString(), fd, options);
    BufferPool buffers = new BufferPool(BLOCKS * BLOCK, 4, BLOCK);
    RingOptions ring = RingOptions.of(4);
    Poller poller = FailingRing.start(ring, faults);
    device = UringBlockDevice.on(poller, "file", fd, geometry, buffers, ring, Registration.ALL);
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  @Test
  void theRestOfAShortTransferFollows() throws Exception {
    faults.entries = this::shorten;
    writeAndRead();
    assertTrue(changed.get() >= 4 * (BLOCKS - 1), changed + " transfers were shortened");
  }

  @Test
  void whatWouldBlockIsTriedAgainInAnotherWay() throws Exception {
    int empty = Events.create();
    faults.entries = sqes -> divert(sqes, empty);
    writeAndRead();
    assertTrue(changed.get() >= 4, changed + " transfers were to be tried again");
    LinuxFiles.close(empty);
  }

  @Test
  void whatNeverStopsToBlockFailsInTheEnd() throws Exception {
    int empty = Events.create();
    faults.entries =
        sqes -> {
          for (long at = 0; at < sqes.byteSize(); at += Sqe.BYTES) {
            sqes.set(
                JAVA_BYTE, at + FLAGS, (byte) (sqes.get(JAVA_BYTE, at + FLAGS) & ~Uring.SQE_ASYNC));
          }
          divert(sqes, empty);
        };
    IoBuffer buffer = device.buffers().acquire();
    BlockIo.Waiter read = new BlockIo.Waiter();
    read.read(0, buffer.segment());
    assertEquals(-Errno.EAGAIN, new BlockIo(device).call(read));
    buffer.release();
    LinuxFiles.close(empty);
  }

  /** Plain and vectored, in registered memory; the vector's segments are of different sizes. */
  private void writeAndRead() throws Exception {
    BlockIo io = new BlockIo(device);
    byte[] content = new byte[BLOCKS * BLOCK];
    new Random(3).nextBytes(content);
    IoBuffer buffer = device.buffers().acquire();
    MemorySegment memory = buffer.segment();
    BlockIo.Waiter request = new BlockIo.Waiter();
    for (boolean vectored : new boolean[] {false, true}) {
      MemorySegment[] parts = {
        memory.asSlice(0, BLOCK), memory.asSlice(BLOCK, 5 * BLOCK), memory.asSlice(6 * BLOCK)
      };
      memory.copyFrom(MemorySegment.ofArray(content));
      request.write(0, memory);
      if (vectored) {
        request.writev(0, parts, parts.length);
      }
      assertEquals(content.length, io.call(request));
      assertArrayEquals(content, Files.readAllBytes(file));
      memory.fill((byte) 0);
      request.read(0, memory);
      if (vectored) {
        request.readv(0, parts, parts.length);
      }
      assertEquals(content.length, io.call(request));
      assertArrayEquals(content, memory.toArray(JAVA_BYTE));
      new Random(4).nextBytes(content);
    }
    buffer.release();
  }

  private void shorten(MemorySegment sqes) {
    for (long at = 0; at < sqes.byteSize(); at += Sqe.BYTES) {
      int opcode = sqes.get(JAVA_BYTE, at + OPCODE);
      boolean vector = opcode == Uring.OP_READV || opcode == Uring.OP_WRITEV;
      int most = vector ? 1 : BLOCK;
      if (isTransfer(opcode) && sqes.get(JAVA_INT_UNALIGNED, at + LENGTH) > most) {
        sqes.set(JAVA_INT_UNALIGNED, at + LENGTH, most);
        changed.addAndGet(vector ? BLOCKS : 1);
      }
    }
  }

  /** Turns a transfer into a read of an empty counter that must not wait. */
  private void divert(MemorySegment sqes, int fd) {
    for (long at = 0; at < sqes.byteSize(); at += Sqe.BYTES) {
      int flags = sqes.get(JAVA_BYTE, at + FLAGS);
      boolean first = (flags & Uring.SQE_ASYNC) == 0;
      if (isTransfer(sqes.get(JAVA_BYTE, at + OPCODE))
          && first
          && sqes.get(JAVA_INT_UNALIGNED, at + FD) != fd) {
        sqes.set(JAVA_BYTE, at + OPCODE, (byte) Uring.OP_READ);
        sqes.set(JAVA_BYTE, at + FLAGS, (byte) 0);
        sqes.set(JAVA_INT_UNALIGNED, at + FD, fd);
        sqes.set(JAVA_INT_UNALIGNED, at + LENGTH, Long.BYTES);
        sqes.set(JAVA_INT_UNALIGNED, at + OPERATION_FLAGS, LinuxFiles.RWF_NOWAIT);
        sqes.set(JAVA_SHORT_UNALIGNED, at + BUFFER_INDEX, (short) 0);
        changed.incrementAndGet();
      }
    }
  }

  private static boolean isTransfer(int opcode) {
    return opcode == Uring.OP_READV
        || opcode == Uring.OP_WRITEV
        || opcode == Uring.OP_READ
        || opcode == Uring.OP_WRITE
        || opcode == Uring.OP_READ_FIXED
        || opcode == Uring.OP_WRITE_FIXED;
  }
}
