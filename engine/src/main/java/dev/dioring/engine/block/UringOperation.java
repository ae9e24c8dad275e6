package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
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
  private final UringBlockDevice device;
  private final Arena arena;
  private @Nullable IoVec vector;
  private @Nullable BlockRequest request;
  private long doneBytes;
  private boolean zeroesByHole;

  UringOperation(UringBlockDevice device, Arena arena) {
    this.device = device;
    this.arena = arena;
  }

  void carry(BlockRequest request) {
    this.request = request;
    doneBytes = 0;
    zeroesByHole = false;
  }

  @Override
  protected void prepare(MemorySegment sqes, long at) {
    BlockRequest r = request();
    switch (r.op()) {
      case READ -> prepareTransfer(r, sqes, at, true);
      case WRITE -> prepareTransfer(r, sqes, at, false);
      case FLUSH -> Sqe.fsync(sqes, at, device.sqeFd(), true);
      case DISCARD -> prepareFallocate(r, sqes, at, LinuxFiles.FALLOC_PUNCH_HOLE);
      case WRITE_ZEROES ->
          prepareFallocate(
              r,
              sqes,
              at,
              zeroesByHole ? LinuxFiles.FALLOC_PUNCH_HOLE : LinuxFiles.FALLOC_ZERO_RANGE);
    }
    int flags = device.sqeFlags();
    if (flags != 0) {
      Sqe.flags(sqes, at, flags);
    }
  }

  private void prepareTransfer(BlockRequest r, MemorySegment sqes, long at, boolean read) {
    MemorySegment memory = r.memory();
    long offset = r.byteOffset() + doneBytes;
    if (memory != null) {
      boolean fixed = r.bufferIndex() != BlockRequest.NOT_REGISTERED && device.buffersRegistered();
      int opcode =
          read
              ? (fixed ? Uring.OP_READ_FIXED : Uring.OP_READ)
              : (fixed ? Uring.OP_WRITE_FIXED : Uring.OP_WRITE);
      long length = r.lengthBytes() - doneBytes;
      Sqe.transfer(
          sqes, at, opcode, device.sqeFd(), memory.address() + doneBytes, (int) length, offset);
      if (fixed) {
        Sqe.bufferIndex(sqes, at, r.bufferIndex());
      }
    } else {
      int opcode = read ? Uring.OP_READV : Uring.OP_WRITEV;
      int first = fillVector(r);
      long address = iovec().elementAddress(first);
      Sqe.transfer(sqes, at, opcode, device.sqeFd(), address, r.vectorCount() - first, offset);
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

  private void prepareFallocate(BlockRequest r, MemorySegment sqes, long at, int mode) {
    Sqe.fallocate(
        sqes,
        at,
        device.sqeFd(),
        mode | LinuxFiles.FALLOC_KEEP_SIZE,
        r.byteOffset(),
        r.lengthBytes());
  }

  @Override
  protected void completed(int result, int flags) {
    BlockRequest r = request();
    if (r.op().transfersData() && result > 0) {
      doneBytes += result;
      if (doneBytes < r.lengthBytes() && (doneBytes & device.offsetMask()) == 0) {
        device.resubmit(this);
        return;
      }
      finish((int) doneBytes);
    } else if (r.op() == BlockOp.WRITE_ZEROES && result == -Errno.EOPNOTSUPP && !zeroesByHole) {
      // tmpfs has holes but no zero ranges; a punched hole reads as zeroes too.
      zeroesByHole = true;
      device.resubmit(this);
    } else if (result == 0 && r.op() == BlockOp.WRITE && r.lengthBytes() > 0) {
      finish(-Errno.EIO);
    } else {
      finish(result < 0 ? result : (int) doneBytes);
    }
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
