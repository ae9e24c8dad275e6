package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.dioring.bindings.generated.iouring.io_uring_sqe;
import java.lang.foreign.MemorySegment;

/**
 * One submission entry, {@code struct io_uring_sqe}, at an offset in the array of entries.
 *
 * <pre>
 *  0 opcode u8 | flags u8 | ioprio u16 | fd s32
 *  8 offset in the file u64
 * 16 address of the memory u64
 * 24 length u32 | flags of the operation u32
 * 32 user data u64
 * 40 buffer index u16 | personality u16 | file index s32
 * 48 address 3 / command bytes (up to the end of an SQE128)
 * </pre>
 */
public final class Sqe {
  /** Size of an entry. */
  public static final int BYTES = 64;

  /** Size of an entry in a ring with SETUP_SQE128. */
  public static final int WIDE_BYTES = 128;

  private static final long OPCODE = io_uring_sqe.opcode$offset();
  private static final long FLAGS = io_uring_sqe.flags$offset();
  private static final long IOPRIO = io_uring_sqe.ioprio$offset();
  private static final long FD = io_uring_sqe.fd$offset();
  private static final long OFF = io_uring_sqe.off$offset();
  private static final long ADDR = io_uring_sqe.addr$offset();
  private static final long LEN = io_uring_sqe.len$offset();
  private static final long OP_FLAGS = io_uring_sqe.rw_flags$offset();
  private static final long USER_DATA = io_uring_sqe.user_data$offset();
  private static final long BUF_INDEX = io_uring_sqe.buf_index$offset();
  private static final long COMMAND = io_uring_sqe.cmd$offset();

  /** {@code _IO(0x12, 0)} of {@code linux/blkdev.h}. */
  private static final int BLOCK_URING_CMD_DISCARD = 0x1200;

  private Sqe() {}

  /** Writes the common fields and clears all others. */
  public static void prepare(
      MemorySegment sqes,
      long at,
      int opcode,
      int fd,
      long address,
      int length,
      long fileOffset,
      int opFlags) {
    // opcode, flags, ioprio and fd share the first word (little-endian).
    sqes.set(JAVA_LONG_UNALIGNED, at + OPCODE, (opcode & 0xFFL) | ((long) fd << 32));
    sqes.set(JAVA_LONG_UNALIGNED, at + OFF, fileOffset);
    sqes.set(JAVA_LONG_UNALIGNED, at + ADDR, address);
    sqes.set(JAVA_LONG_UNALIGNED, at + LEN, (length & 0xFFFF_FFFFL) | ((long) opFlags << 32));
    sqes.set(JAVA_LONG_UNALIGNED, at + USER_DATA, 0);
    sqes.set(JAVA_LONG_UNALIGNED, at + BUF_INDEX, 0);
    sqes.set(JAVA_LONG_UNALIGNED, at + COMMAND, 0);
    sqes.set(JAVA_LONG_UNALIGNED, at + COMMAND + 8, 0);
  }

  /** READ, WRITE, READ_FIXED, WRITE_FIXED, and READV, WRITEV with the vector's address. */
  public static void transfer(
      MemorySegment sqes, long at, int opcode, int fd, long address, int length, long fileOffset) {
    prepare(sqes, at, opcode, fd, address, length, fileOffset, 0);
  }

  /** FSYNC of the whole file. */
  public static void fsync(MemorySegment sqes, long at, int fd, boolean dataOnly) {
    int flags = dataOnly ? Uring.FSYNC_DATASYNC : 0;
    prepare(sqes, at, Uring.OP_FSYNC, fd, 0, 0, 0, flags);
  }

  /** FALLOCATE: the kernel takes the length in the address field and the mode in the length. */
  public static void fallocate(
      MemorySegment sqes, long at, int fd, int mode, long fileOffset, long lengthBytes) {
    prepare(sqes, at, Uring.OP_FALLOCATE, fd, lengthBytes, mode, fileOffset, 0);
  }

  /** POLL_ADD, once or until cancelled. */
  public static void pollAdd(MemorySegment sqes, long at, int fd, int events, boolean multishot) {
    int flags = multishot ? Uring.POLL_ADD_MULTI : 0;
    prepare(sqes, at, Uring.OP_POLL_ADD, fd, 0, flags, 0, events);
  }

  /** NOP: completes with 0. */
  public static void nop(MemorySegment sqes, long at) {
    prepare(sqes, at, Uring.OP_NOP, -1, 0, 0, 0, 0);
  }

  /** TIMEOUT after a time or after {@code completions} others, whichever is first. */
  public static void timeout(
      MemorySegment sqes, long at, long timespecAddress, long completions, int flags) {
    prepare(sqes, at, Uring.OP_TIMEOUT, -1, timespecAddress, 1, completions, flags);
  }

  /** TIMEOUT_REMOVE of the timeout with this user data. */
  public static void timeoutRemove(MemorySegment sqes, long at, long userData) {
    prepare(sqes, at, Uring.OP_TIMEOUT_REMOVE, -1, userData, 0, 0, 0);
  }

  /** LINK_TIMEOUT: bounds the entry before it, which must be linked to this one. */
  public static void linkTimeout(MemorySegment sqes, long at, long timespecAddress) {
    prepare(sqes, at, Uring.OP_LINK_TIMEOUT, -1, timespecAddress, 1, 0, 0);
  }

  /** ASYNC_CANCEL of the request with this user data, or by {@code ASYNC_CANCEL_*} flags. */
  public static void cancel(MemorySegment sqes, long at, long userData, int cancelFlags) {
    prepare(sqes, at, Uring.OP_ASYNC_CANCEL, -1, userData, 0, 0, cancelFlags);
  }

  /**
   * MSG_RING: makes a completion in another ring, or in this one.
   *
   * @param userData of that completion
   * @param result of that completion
   */
  public static void message(MemorySegment sqes, long at, int ringFd, long userData, int result) {
    prepare(sqes, at, Uring.OP_MSG_RING, ringFd, Uring.MSG_DATA, result, userData, 0);
  }

  /** FILES_UPDATE: puts an array of descriptors (s32 each) into the slots from {@code index} on. */
  public static void filesUpdate(
      MemorySegment sqes, long at, long descriptorsAddress, int count, int index) {
    prepare(sqes, at, Uring.OP_FILES_UPDATE, -1, descriptorsAddress, count, index, 0);
  }

  /** READ_MULTISHOT of a pollable file into the buffers of a provided group. Linux 6.7. */
  public static void readMultishot(MemorySegment sqes, long at, int fd, int bufferGroup) {
    prepare(sqes, at, Uring.OP_READ_MULTISHOT, fd, 0, 0, -1, 0);
    flags(sqes, at, Uring.SQE_BUFFER_SELECT);
    bufferIndex(sqes, at, bufferGroup);
  }

  /**
   * URING_CMD: a command to the driver behind {@code fd}; its payload follows at {@link #command}.
   */
  public static void command(MemorySegment sqes, long at, int fd, int commandOp) {
    prepare(sqes, at, Uring.OP_URING_CMD, fd, 0, 0, Integer.toUnsignedLong(commandOp), 0);
  }

  /**
   * URING_CMD in a ring with SETUP_SQE128: as {@link #command}, with all bytes of the payload, from
   * {@link #command()} to {@link #WIDE_BYTES}, cleared.
   */
  public static void wideCommand(MemorySegment sqes, long at, int fd, int commandOp) {
    command(sqes, at, fd, commandOp);
    for (long half = BYTES; half < WIDE_BYTES; half += Long.BYTES) {
      sqes.set(JAVA_LONG_UNALIGNED, at + half, 0);
    }
  }

  /** URING_CMD that discards a range of a block device; Linux 6.12, {@code linux/blkdev.h}. */
  public static void discard(
      MemorySegment sqes, long at, int fd, long byteOffset, long lengthBytes) {
    command(sqes, at, fd, BLOCK_URING_CMD_DISCARD);
    address(sqes, at, byteOffset);
    sqes.set(JAVA_LONG_UNALIGNED, at + COMMAND, lengthBytes);
  }

  /** Sets SQE_* flags, after the preparation. */
  public static void flags(MemorySegment sqes, long at, int flags) {
    sqes.set(JAVA_BYTE, at + FLAGS, (byte) flags);
  }

  /** Sets SQE_* flags beside those that are set. */
  public static void addFlags(MemorySegment sqes, long at, int flags) {
    sqes.set(JAVA_BYTE, at + FLAGS, (byte) (sqes.get(JAVA_BYTE, at + FLAGS) | flags));
  }

  public static void ioprio(MemorySegment sqes, long at, int ioprio) {
    sqes.set(JAVA_SHORT_UNALIGNED, at + IOPRIO, (short) ioprio);
  }

  /** Sets RWF_* or the operation's own flags, after the preparation. */
  public static void opFlags(MemorySegment sqes, long at, int flags) {
    sqes.set(JAVA_INT_UNALIGNED, at + OP_FLAGS, flags);
  }

  public static void bufferIndex(MemorySegment sqes, long at, int index) {
    sqes.set(JAVA_SHORT_UNALIGNED, at + BUF_INDEX, (short) index);
  }

  /** Sets the memory, or an array of iovecs and their count. */
  public static void memory(MemorySegment sqes, long at, long address, int length) {
    address(sqes, at, address);
    sqes.set(JAVA_INT_UNALIGNED, at + LEN, length);
  }

  public static void address(MemorySegment sqes, long at, long address) {
    sqes.set(JAVA_LONG_UNALIGNED, at + ADDR, address);
  }

  public static void userData(MemorySegment sqes, long at, long userData) {
    sqes.set(JAVA_LONG_UNALIGNED, at + USER_DATA, userData);
  }

  public static long userData(MemorySegment sqes, long at) {
    return sqes.get(JAVA_LONG_UNALIGNED, at + USER_DATA);
  }

  public static int fd(MemorySegment sqes, long at) {
    return sqes.get(JAVA_INT_UNALIGNED, at + FD);
  }

  /** Offset of the command's payload from the start of the entry. */
  public static long command() {
    return COMMAND;
  }
}
