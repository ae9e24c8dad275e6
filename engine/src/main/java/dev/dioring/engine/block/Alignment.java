package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.lang.foreign.MemorySegment;

/** What a device asks of a request's offset, length and memory. */
public final class Alignment {
  private Alignment() {}

  /**
   * Checks a request against a device's shape.
   *
   * @return 0, {@code -EINVAL} for what {@link #explain} can say, {@code -EROFS}, or {@code
   *     -ENOSPC} for a write that starts or ends behind the end
   */
  public static int check(Geometry geometry, BlockRequest request) {
    if (request.op() == BlockOp.FLUSH) {
      return 0;
    }
    if (geometry.readOnly() && request.op().modifies()) {
      return -Errno.EROFS;
    }
    int offsetMask = geometry.offsetAlignmentBytes() - 1;
    long offset = request.byteOffset();
    long length = request.lengthBytes();
    if (offset < 0 || length < 0 || ((offset | length) & offsetMask) != 0) {
      return -Errno.EINVAL;
    }
    if (request.op().modifies() && offset > geometry.sizeBytes() - length) {
      return -Errno.ENOSPC;
    }
    if (!request.op().transfersData()) {
      return 0;
    }
    if (length > geometry.maxTransferBytes()) {
      return -Errno.EINVAL;
    }
    MemorySegment memory = request.memory();
    if (memory != null) {
      return aligned(geometry, memory) ? 0 : -Errno.EINVAL;
    }
    MemorySegment[] vector = request.vector();
    if (vector == null || request.vectorCount() > BlockRequest.VECTOR_MAX) {
      return -Errno.EINVAL;
    }
    for (int i = 0; i < request.vectorCount(); i++) {
      if (!aligned(geometry, vector[i])) {
        return -Errno.EINVAL;
      }
    }
    return 0;
  }

  private static boolean aligned(Geometry geometry, MemorySegment memory) {
    return memory.isNative()
        && memory.scope().isAlive()
        && (memory.address() & (geometry.memoryAlignmentBytes() - 1)) == 0
        && (memory.byteSize() & (geometry.offsetAlignmentBytes() - 1)) == 0;
  }

  /** Says in one clause what is wrong with a request that {@link #check} refused. */
  public static String explain(String device, Geometry geometry, BlockRequest request) {
    int unit = geometry.offsetAlignmentBytes();
    if (request.byteOffset() < 0) {
      return "offset " + request.byteOffset() + " is negative";
    }
    if (request.byteOffset() % unit != 0) {
      return "offset " + request.byteOffset() + notMultiple(unit, "offset alignment", device);
    }
    if (request.lengthBytes() % unit != 0) {
      return "length " + request.lengthBytes() + notMultiple(unit, "length alignment", device);
    }
    if (request.lengthBytes() > geometry.maxTransferBytes()) {
      return "length "
          + request.lengthBytes()
          + " is more than the largest transfer of "
          + device
          + ", "
          + geometry.maxTransferBytes();
    }
    if (request.op().modifies()
        && request.byteOffset() > geometry.sizeBytes() - request.lengthBytes()) {
      return "it would end at "
          + (request.byteOffset() + request.lengthBytes())
          + ", behind the end of "
          + device
          + " at "
          + geometry.sizeBytes();
    }
    return "its memory is not native or already freed, or its address"
        + notMultiple(geometry.memoryAlignmentBytes(), "memory alignment", device);
  }

  private static String notMultiple(int unit, String what, String device) {
    return " is not a multiple of " + unit + ", the " + what + " of " + device;
  }
}
