package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.Ioctls;
import dev.dioring.bindings.LinuxFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Performs one request after the other with system calls that block. For one thread. */
final class SystemCalls {
  private static final int RETRIES_MAX = 64;

  private final int fd;
  private final Geometry geometry;
  private final IoVec vector;
  private final RangeOperations ranges;

  SystemCalls(int fd, Geometry geometry, Arena arena) {
    this.fd = fd;
    this.geometry = geometry;
    vector = new IoVec(arena, BlockRequest.VECTOR_MAX);
    ranges = new RangeOperations(fd, false, arena);
  }

  /** Performs a request to its end. @return what it completes with */
  int perform(BlockRequest request) {
    int refused = Alignment.check(geometry, request);
    if (refused != 0) {
      return refused;
    }
    if (request.lengthBytes() == 0 && request.op() != BlockOp.FLUSH) {
      return 0;
    }
    return switch (request.op()) {
      case READ, WRITE -> transfer(request);
      case FLUSH -> LinuxFiles.fdatasync(fd);
      case DISCARD -> discard(request);
      case WRITE_ZEROES -> zero(request);
    };
  }

  private int discard(BlockRequest request) {
    while (true) {
      RangeOperations.Discard way = ranges.discard();
      int result =
          switch (way) {
            case PUNCH_HOLE -> fallocate(LinuxFiles.FALLOC_PUNCH_HOLE, request);
            case IOCTL -> Ioctls.discard(fd, request.byteOffset(), request.lengthBytes());
            case COMMAND, NONE -> -Errno.EOPNOTSUPP;
          };
      if (!isUnknown(result) || !ranges.discardRefused(way)) {
        return result;
      }
    }
  }

  private int zero(BlockRequest request) {
    while (true) {
      RangeOperations.Zero way = ranges.zero();
      int result =
          switch (way) {
            case ZERO_RANGE -> fallocate(LinuxFiles.FALLOC_ZERO_RANGE, request);
            case PUNCH_HOLE -> fallocate(LinuxFiles.FALLOC_PUNCH_HOLE, request);
            case WRITE -> writeZeroes(request);
          };
      if (!isUnknown(result) || !ranges.zeroRefused(way)) {
        return result;
      }
    }
  }

  private int fallocate(int mode, BlockRequest request) {
    int keep = mode | LinuxFiles.FALLOC_KEEP_SIZE;
    return LinuxFiles.fallocate(fd, keep, request.byteOffset(), request.lengthBytes());
  }

  private int writeZeroes(BlockRequest request) {
    MemorySegment zeroes = ranges.zeroes();
    long done = 0;
    int retries = 0;
    while (done < request.lengthBytes()) {
      long length = Math.min(zeroes.byteSize(), request.lengthBytes() - done);
      long result = LinuxFiles.pwrite(fd, zeroes, length, request.byteOffset() + done);
      if (isTransient(result) && retries++ < RETRIES_MAX) {
        continue;
      }
      if (result <= 0) {
        return result == 0 ? -Errno.EIO : (int) result;
      }
      done += result;
    }
    return 0;
  }

  /** Continues short transfers until all is done or the medium ends. */
  private int transfer(BlockRequest request) {
    long done = 0;
    int retries = 0;
    while (done < request.lengthBytes()) {
      long result = transferOnce(request, done);
      if (isTransient(result) && retries++ < RETRIES_MAX) {
        continue;
      }
      if (result < 0) {
        return (int) result;
      }
      done += result;
      // An odd count is the medium's end: the rest would be unaligned.
      if (result == 0 || (result & (geometry.offsetAlignmentBytes() - 1)) != 0) {
        break;
      }
    }
    boolean lost = done < request.lengthBytes() && request.op() == BlockOp.WRITE;
    return lost ? -Errno.EIO : (int) done;
  }

  private long transferOnce(BlockRequest request, long done) {
    int first = fill(request, done);
    int count = Math.max(1, request.vectorCount()) - first;
    MemorySegment iov = first == 0 ? vector.segment() : vector.from(first);
    long offset = request.byteOffset() + done;
    int flags = request.fua() ? LinuxFiles.RWF_DSYNC : 0;
    return request.op() == BlockOp.READ
        ? LinuxFiles.preadv2(fd, iov, count, offset, flags)
        : LinuxFiles.pwritev2(fd, iov, count, offset, flags);
  }

  /** Writes the segments still to do into the vector. @return index of the first of them */
  private int fill(BlockRequest request, long done) {
    MemorySegment memory = request.memory();
    if (memory != null) {
      vector.set(0, memory.address() + done, memory.byteSize() - done);
      return 0;
    }
    MemorySegment[] segments = request.vector();
    if (segments == null) {
      throw new AssertionError("a transfer without memory: " + request);
    }
    long skip = done;
    int first = 0;
    for (int i = 0; i < request.vectorCount(); i++) {
      long size = segments[i].byteSize();
      if (skip >= size && size > 0) {
        skip -= size;
        first = i + 1;
      } else {
        vector.set(i, segments[i].address() + skip, size - skip);
        skip = 0;
      }
    }
    return first;
  }

  private static boolean isTransient(long result) {
    return result == -Errno.EINTR || result == -Errno.EAGAIN;
  }

  private static boolean isUnknown(int result) {
    return result == -Errno.EOPNOTSUPP || result == -Errno.EINVAL || result == -Errno.ENOSYS;
  }
}
