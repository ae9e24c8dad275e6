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
    boolean read = request.op() == BlockOp.READ;
    if (memory != null) {
      return fits(geometry, memory, read) ? 0 : -Errno.EINVAL;
    }
    MemorySegment[] vector = request.vector();
    if (vector == null || request.vectorCount() > BlockRequest.VECTOR_MAX) {
      return -Errno.EINVAL;
    }
    for (int i = 0; i < request.vectorCount(); i++) {
      if (!fits(geometry, vector[i], read)) {
        return -Errno.EINVAL;
      }
    }
    return 0;
  }

  private static boolean fits(Geometry geometry, MemorySegment memory, boolean read) {
    return memory.isNative()
        && memory.scope().isAlive()
        && !(read && memory.isReadOnly())
        && (memory.address() & (geometry.memoryAlignmentBytes() - 1)) == 0
        && (memory.byteSize() & (geometry.offsetAlignmentBytes() - 1)) == 0;
  }

  /**
   * Says in one clause what is wrong with a request that {@link #check} refused, or that it did
   * not.
   */
  public static String explain(String device, Geometry geometry, BlockRequest request) {
    int refused = check(geometry, request);
    if (refused == 0) {
      return "its shape is right, but the kernel refused it";
    }
    if (refused == -Errno.EROFS) {
      return device + " is open read-only";
    }
    String range = explainRange(device, geometry, request);
    return range.isEmpty() ? explainMemory(device, geometry, request) : range;
  }

  private static String explainRange(String device, Geometry geometry, BlockRequest request) {
    int unit = geometry.offsetAlignmentBytes();
    if (request.byteOffset() < 0) {
      return "offset " + request.byteOffset() + " is negative";
    }
    if (request.lengthBytes() < 0) {
      return "length " + request.lengthBytes() + " is negative";
    }
    if (request.byteOffset() % unit != 0) {
      return "offset " + request.byteOffset() + notMultiple(unit, "offset alignment", device);
    }
    if (request.lengthBytes() % unit != 0) {
      return "length " + request.lengthBytes() + notMultiple(unit, "length alignment", device);
    }
    if (request.op().transfersData() && request.lengthBytes() > geometry.maxTransferBytes()) {
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
          + Long.toUnsignedString(request.byteOffset() + request.lengthBytes())
          + ", behind the end of "
          + device
          + " at "
          + geometry.sizeBytes();
    }
    return "";
  }

  private static String explainMemory(String device, Geometry geometry, BlockRequest request) {
    MemorySegment memory = request.memory();
    MemorySegment[] vector = request.vector();
    if (memory != null) {
      return explain(device, geometry, memory);
    }
    if (vector == null || request.vectorCount() > BlockRequest.VECTOR_MAX) {
      return "it has " + request.vectorCount() + " segments, more than " + BlockRequest.VECTOR_MAX;
    }
    boolean read = request.op() == BlockOp.READ;
    for (int i = 0; i < request.vectorCount(); i++) {
      if (!fits(geometry, vector[i], read)) {
        return "segment " + i + ": " + explain(device, geometry, vector[i]);
      }
    }
    throw new AssertionError("nothing is wrong with " + request);
  }

  private static String explain(String device, Geometry geometry, MemorySegment memory) {
    int unit = geometry.memoryAlignmentBytes();
    if (!memory.isNative()) {
      return "its memory is on the heap, where the kernel cannot reach it";
    }
    if (!memory.scope().isAlive()) {
      return "its memory is already freed";
    }
    if ((memory.address() & (unit - 1)) != 0) {
      return "its memory's address 0x"
          + Long.toHexString(memory.address())
          + notMultiple(unit, "memory alignment", device);
    }
    if (memory.byteSize() % geometry.offsetAlignmentBytes() != 0) {
      return "length "
          + memory.byteSize()
          + notMultiple(geometry.offsetAlignmentBytes(), "length alignment", device);
    }
    return "its memory is read-only, so nothing can be read into it";
  }

  private static String notMultiple(int unit, String what, String device) {
    return " is not a multiple of " + unit + ", the " + what + " of " + device;
  }
}
