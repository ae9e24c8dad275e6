package dev.dioring.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.bindings.generated.fuse.fuse_uring_cmd_req;
import dev.dioring.bindings.generated.fuse.fuse_uring_req_header;
import dev.dioring.bindings.generated.iouring.io_uring_cqe;
import dev.dioring.bindings.generated.iouring.io_uring_params;
import dev.dioring.bindings.generated.iouring.io_uring_sqe;
import dev.dioring.bindings.generated.libc.statx;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Entries byte by byte as the kernel's header lays them out, little-endian. */
class SqeTest {
  private static final String ZERO_8 = "0000000000000000";

  private final MemorySegment sqes = Arena.global().allocate(2 * Sqe.BYTES, 64);

  @Test
  void structuresHaveTheKernelsSizes() {
    assertEquals(64, io_uring_sqe.sizeof());
    assertEquals(16, io_uring_cqe.sizeof());
    assertEquals(120, io_uring_params.sizeof());
    assertEquals(256, statx.sizeof());
    assertEquals(288, fuse_uring_req_header.sizeof());
    assertEquals(24, fuse_uring_cmd_req.sizeof());
  }

  @Test
  void fieldsLieWhereTheKernelReadsThem() {
    assertEquals(8, io_uring_sqe.off$offset());
    assertEquals(16, io_uring_sqe.addr$offset());
    assertEquals(28, io_uring_sqe.rw_flags$offset());
    assertEquals(40, io_uring_sqe.buf_index$offset());
    assertEquals(44, io_uring_sqe.file_index$offset());
    assertEquals(48, io_uring_sqe.addr3$offset());
    assertEquals(40, io_uring_params.sq_off$offset());
    assertEquals(80, io_uring_params.cq_off$offset());
    assertEquals(40, statx.stx_size$offset());
    assertEquals(0x98, statx.stx_dio_mem_align$offset());
    assertEquals(256, fuse_uring_req_header.ring_ent_in_out$offset());
  }

  @Test
  void aWideCommandKeepsNothingOfAnEarlierOne() {
    sqes.fill((byte) 0xee);
    Sqe.wideCommand(sqes, 0, 7, 3);
    MemorySegment payload = sqes.asSlice(Sqe.command(), 80);
    assertEquals(Sqe.WIDE_BYTES, Sqe.command() + payload.byteSize());
    assertEquals(-1, payload.mismatch(MemorySegment.ofArray(new byte[80])));
    sqes.fill((byte) 0);
  }

  @Test
  void read() {
    Sqe.transfer(sqes, 64, Uring.OP_READ, 7, 0x1122334455667788L, 4096, 0x10000);
    Sqe.userData(sqes, 64, 42);
    assertBytes(
        "16000000"
            + "07000000"
            + "0000010000000000"
            + "8877665544332211"
            + "00100000"
            + "00000000"
            + "2a00000000000000"
            + ZERO_8.repeat(3));
    assertEquals(42, Sqe.userData(sqes, 64));
  }

  @Test
  void fixedWriteWithFlags() {
    Sqe.transfer(sqes, 64, Uring.OP_WRITE_FIXED, 0, 0x1000, 512, 0);
    Sqe.flags(sqes, 64, Uring.SQE_FIXED_FILE);
    Sqe.opFlags(sqes, 64, LinuxFiles.RWF_DSYNC);
    Sqe.bufferIndex(sqes, 64, 3);
    assertBytes(
        "05010000"
            + "00000000"
            + ZERO_8
            + "0010000000000000"
            + "00020000"
            + "02000000"
            + ZERO_8
            + "0300000000000000"
            + ZERO_8.repeat(2));
  }

  @Test
  void fsyncOfDataOnly() {
    Sqe.fsync(sqes, 64, 9, true);
    assertBytes("03000000" + "09000000" + ZERO_8.repeat(2) + "0000000001000000" + ZERO_8.repeat(4));
  }

  @Test
  void fallocatePutsTheLengthInTheAddress() {
    Sqe.fallocate(sqes, 64, 5, 0x10, 4096, 8192);
    assertBytes(
        "11000000"
            + "05000000"
            + "0010000000000000"
            + "0020000000000000"
            + "10000000"
            + "00000000"
            + ZERO_8.repeat(4));
  }

  @Test
  void preparingClearsWhatWasThere() {
    sqes.fill((byte) -1);
    Sqe.nop(sqes, 64);
    assertBytes("00000000" + "ffffffff" + ZERO_8.repeat(7));
  }

  @Test
  void multishotPoll() {
    Sqe.pollAdd(sqes, 64, 6, 0x2001, true);
    assertBytes("06000000" + "06000000" + ZERO_8.repeat(2) + "0100000001200000" + ZERO_8.repeat(4));
  }

  @Test
  void timeouts() {
    Sqe.timeout(sqes, 64, 0x1000, 5, Uring.TIMEOUT_ABS);
    assertBytes(
        "0b000000ffffffff"
            + "0500000000000000"
            + "0010000000000000"
            + "0100000001000000"
            + ZERO_8.repeat(4));
    Sqe.linkTimeout(sqes, 64, 0x1000);
    assertBytes(
        "0f000000ffffffff" + ZERO_8 + "0010000000000000" + "0100000000000000" + ZERO_8.repeat(4));
    Sqe.timeoutRemove(sqes, 64, 0x77);
    assertBytes("0c000000ffffffff" + ZERO_8 + "7700000000000000" + ZERO_8.repeat(5));
  }

  @Test
  void cancelByUserData() {
    Sqe.cancel(sqes, 64, 0x77, Uring.ASYNC_CANCEL_ALL);
    assertBytes(
        "0e000000ffffffff" + ZERO_8 + "7700000000000000" + "0000000001000000" + ZERO_8.repeat(4));
  }

  @Test
  void messageToARing() {
    Sqe.message(sqes, 64, 8, 0x99, -5);
    assertBytes(
        "2800000008000000" + "9900000000000000" + ZERO_8 + "fbffffff00000000" + ZERO_8.repeat(4));
  }

  @Test
  void updateOfFiles() {
    Sqe.filesUpdate(sqes, 64, 0x1000, 2, 3);
    assertBytes(
        "14000000ffffffff"
            + "0300000000000000"
            + "0010000000000000"
            + "0200000000000000"
            + ZERO_8.repeat(4));
  }

  @Test
  void multishotReadTakesItsBuffersFromAGroup() {
    Sqe.readMultishot(sqes, 64, 8, 0x1234);
    assertBytes(
        "3120000008000000"
            + "ff".repeat(8)
            + ZERO_8.repeat(3)
            + "3412000000000000"
            + ZERO_8.repeat(2));
  }

  @Test
  void discardIsACommandOfTheBlockDevice() {
    Sqe.discard(sqes, 64, 8, 0x2000, 0x3000);
    assertBytes(
        "2e00000008000000"
            + "0012000000000000"
            + "0020000000000000"
            + ZERO_8.repeat(3)
            + "0030000000000000"
            + ZERO_8);
    assertEquals(48, Sqe.command());
  }

  private void assertBytes(String expected) {
    byte[] bytes = sqes.asSlice(64, Sqe.BYTES).toArray(ValueLayout.JAVA_BYTE);
    assertEquals(expected, HexFormat.of().formatHex(bytes));
  }
}
