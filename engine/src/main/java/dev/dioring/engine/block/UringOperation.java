package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.Ioctls;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.Uring;
import dev.dioring.engine.ring.RingOperation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A ring operation that carries one block request, from a fixed set per device. Continues short
 * transfers until the request is done or the medium ends. Poller thread only.
 */
final class UringOperation extends RingOperation {
  private static final int RETRIES_MAX = 64;

  private final UringBlockDevice device;
  private final RingRegistration registered;
  private final Arena arena;
  private @Nullable IoVec vector;
  private @Nullable BlockRequest request;
  private long doneBytes;

  /** What the request completes with, without I/O: it is refused. 0 if there is I/O to do. */
  private int refusal;

  /** How often the kernel answered EAGAIN or EINTR. */
  private int retries;

  private RangeOperations.Discard discard = RangeOperations.Discard.NONE;
  private RangeOperations.Zero zero = RangeOperations.Zero.WRITE;

  UringOperation(UringBlockDevice device, Arena arena) {
    this.device = device;
    registered = device.registered();
    this.arena = arena;
  }

  /** Takes a request and submits what it needs. */
  void carry(BlockRequest request) {
    this.request = request;
    doneBytes = 0;
    retries = 0;
    refusal = Alignment.check(device.geometry(), request);
    begin();
  }

  @Override
  protected void prepare(MemorySegment sqes, long at) {
    BlockRequest r = request();
    if (refusal != 0 || isEmptyRange(r)) {
      // Refused through the ring, so that a callback that submits again does not call itself.
      Sqe.nop(sqes, at);
      return;
    }
    switch (r.op()) {
      case READ -> prepareTransfer(r, sqes, at, true);
      case WRITE -> prepareTransfer(r, sqes, at, false);
      case FLUSH -> Sqe.fsync(sqes, at, registered.sqeFd(), true);
      case DISCARD -> prepareDiscard(r, sqes, at);
      case WRITE_ZEROES -> prepareZeroes(r, sqes, at);
    }
    // What could not be done at once would block: then a worker of the kernel does it.
    Sqe.flags(sqes, at, registered.sqeFlags() | (retries > 0 ? Uring.SQE_ASYNC : 0));
  }

  @Override
  protected void completed(int result, int flags) {
    BlockRequest r = request();
    if (refusal != 0) {
      finish(refusal);
    } else if (result > 0) {
      advanced(r, result);
    } else if (result == 0) {
      boolean lost = r.op() == BlockOp.WRITE && doneBytes < r.lengthBytes();
      finish(lost ? -Errno.EIO : (int) doneBytes);
    } else if (mayRetry(result) || anotherWay(r, result)) {
      begin();
    } else {
      finish(result);
    }
  }

  @Override
  public String toString() {
    return request + (doneBytes > 0 ? ", " + doneBytes + " done" : "");
  }

  private void begin() {
    BlockRequest r = request();
    boolean blocks =
        switch (r.op()) {
          case READ, WRITE -> false;
          case FLUSH -> device.pollsDevice();
          case DISCARD -> {
            discard = device.ranges().discard();
            yield discard == RangeOperations.Discard.IOCTL || device.pollsDevice();
          }
          case WRITE_ZEROES -> {
            zero = device.ranges().zero();
            yield device.pollsDevice();
          }
        };
    if (blocks && refusal == 0 && !isEmptyRange(r)) {
      device.offload(this, this::callBlocking);
    } else {
      device.resubmit(this);
    }
  }

  /** Some bytes were transferred. An odd count is the medium's end: the rest would be unaligned. */
  private void advanced(BlockRequest r, int bytes) {
    doneBytes += bytes;
    boolean aligned = (doneBytes & (device.geometry().offsetAlignmentBytes() - 1)) == 0;
    if (doneBytes < r.lengthBytes() && aligned) {
      device.resubmit(this);
    } else {
      finish(r.op().transfersData() ? (int) doneBytes : 0);
    }
  }

  private boolean mayRetry(int result) {
    return (result == -Errno.EAGAIN || result == -Errno.EINTR)
        && !device.isClosing()
        && retries++ < RETRIES_MAX;
  }

  private boolean anotherWay(BlockRequest r, int result) {
    if (result != -Errno.EOPNOTSUPP && result != -Errno.EINVAL && result != -Errno.ENOSYS) {
      return false;
    }
    return switch (r.op()) {
      case DISCARD -> device.ranges().discardRefused(discard);
      case WRITE_ZEROES -> device.ranges().zeroRefused(zero);
      case READ, WRITE, FLUSH -> false;
    };
  }

  private void prepareTransfer(BlockRequest r, MemorySegment sqes, long at, boolean read) {
    MemorySegment memory = r.memory();
    long offset = r.byteOffset() + doneBytes;
    if (memory == null) {
      int opcode = read ? Uring.OP_READV : Uring.OP_WRITEV;
      int first = fillVector(r);
      long address = iovec().elementAddress(first);
      Sqe.transfer(sqes, at, opcode, registered.sqeFd(), address, r.vectorCount() - first, offset);
    } else {
      long address = memory.address() + doneBytes;
      int length = (int) (r.lengthBytes() - doneBytes);
      int index = registered.bufferIndex(address, length);
      if (index >= 0) {
        int opcode = read ? Uring.OP_READ_FIXED : Uring.OP_WRITE_FIXED;
        Sqe.transfer(sqes, at, opcode, registered.sqeFd(), address, length, offset);
        Sqe.bufferIndex(sqes, at, index);
      } else {
        int opcode = read ? Uring.OP_READ : Uring.OP_WRITE;
        Sqe.transfer(sqes, at, opcode, registered.sqeFd(), address, length, offset);
      }
    }
    if (r.fua()) {
      Sqe.opFlags(sqes, at, LinuxFiles.RWF_DSYNC);
    }
  }

  /** Writes the segments that are still to do. @return index of the first of them */
  private int fillVector(BlockRequest r) {
    MemorySegment[] segments = r.vector();
    if (segments == null) {
      throw new AssertionError("a transfer without memory: " + r);
    }
    IoVec iov = iovec();
    long skip = doneBytes;
    int first = 0;
    for (int i = 0; i < r.vectorCount(); i++) {
      long size = segments[i].byteSize();
      if (skip >= size && size > 0) {
        skip -= size;
        first = i + 1;
      } else {
        iov.set(i, segments[i].address() + skip, size - skip);
        skip = 0;
      }
    }
    return first;
  }

  private void prepareDiscard(BlockRequest r, MemorySegment sqes, long at) {
    if (discard == RangeOperations.Discard.COMMAND) {
      Sqe.discard(sqes, at, registered.sqeFd(), r.byteOffset(), r.lengthBytes());
    } else {
      int mode = LinuxFiles.FALLOC_PUNCH_HOLE | LinuxFiles.FALLOC_KEEP_SIZE;
      Sqe.fallocate(sqes, at, registered.sqeFd(), mode, r.byteOffset(), r.lengthBytes());
    }
  }

  private void prepareZeroes(BlockRequest r, MemorySegment sqes, long at) {
    if (zero == RangeOperations.Zero.WRITE) {
      MemorySegment zeroes = device.ranges().zeroes();
      int length = (int) Math.min(zeroes.byteSize(), r.lengthBytes() - doneBytes);
      long offset = r.byteOffset() + doneBytes;
      Sqe.transfer(sqes, at, Uring.OP_WRITE, registered.sqeFd(), zeroes.address(), length, offset);
    } else {
      Sqe.fallocate(sqes, at, registered.sqeFd(), zeroMode(), r.byteOffset(), r.lengthBytes());
    }
  }

  private int zeroMode() {
    boolean hole = zero == RangeOperations.Zero.PUNCH_HOLE;
    int how = hole ? LinuxFiles.FALLOC_PUNCH_HOLE : LinuxFiles.FALLOC_ZERO_RANGE;
    return how | LinuxFiles.FALLOC_KEEP_SIZE;
  }

  /** What a ring cannot do, on a thread that may block. The poller leaves this alone meanwhile. */
  private int callBlocking() {
    BlockRequest r = request();
    if (r.op() == BlockOp.FLUSH) {
      return LinuxFiles.fdatasync(device.fd());
    }
    if (r.op() == BlockOp.DISCARD && discard == RangeOperations.Discard.IOCTL) {
      return Ioctls.discard(device.fd(), r.byteOffset(), r.lengthBytes());
    }
    if (r.op() == BlockOp.DISCARD) {
      int mode = LinuxFiles.FALLOC_PUNCH_HOLE | LinuxFiles.FALLOC_KEEP_SIZE;
      return LinuxFiles.fallocate(device.fd(), mode, r.byteOffset(), r.lengthBytes());
    }
    if (zero != RangeOperations.Zero.WRITE) {
      return LinuxFiles.fallocate(device.fd(), zeroMode(), r.byteOffset(), r.lengthBytes());
    }
    MemorySegment zeroes = device.ranges().zeroes();
    long length = Math.min(zeroes.byteSize(), r.lengthBytes() - doneBytes);
    return (int) LinuxFiles.pwrite(device.fd(), zeroes, length, r.byteOffset() + doneBytes);
  }

  private static boolean isEmptyRange(BlockRequest r) {
    return r.lengthBytes() == 0 && r.op() != BlockOp.FLUSH;
  }

  private void finish(int result) {
    BlockRequest r = request();
    request = null;
    device.finished(this, r, result);
  }

  private BlockRequest request() {
    BlockRequest r = request;
    if (r == null) {
      throw new AssertionError("a ring operation without a request");
    }
    return r;
  }

  private IoVec iovec() {
    IoVec v = vector;
    if (v == null) {
      v = new IoVec(arena, BlockRequest.VECTOR_MAX);
      vector = v;
    }
    return v;
  }
}
