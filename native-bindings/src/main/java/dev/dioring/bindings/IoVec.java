package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An array of {@code struct iovec}: address u64, length u64 each. */
public final class IoVec {
  private static final long BYTES = iovec.sizeof();
  private static final long BASE = iovec.iov_base$offset();
  private static final long LENGTH = iovec.iov_len$offset();

  private final MemorySegment segment;

  public IoVec(Arena arena, int capacity) {
    segment = arena.allocate(capacity * BYTES, Long.BYTES);
  }

  public void set(int index, long address, long lengthBytes) {
    segment.set(JAVA_LONG, index * BYTES + BASE, address);
    segment.set(JAVA_LONG, index * BYTES + LENGTH, lengthBytes);
  }

  public long address(int index) {
    return segment.get(JAVA_LONG, index * BYTES + BASE);
  }

  public long lengthBytes(int index) {
    return segment.get(JAVA_LONG, index * BYTES + LENGTH);
  }

  /** The array from an index on. */
  public MemorySegment from(int index) {
    return segment.asSlice(index * BYTES);
  }

  /** Address of the array's element. */
  public long elementAddress(int index) {
    return segment.address() + index * BYTES;
  }

  public MemorySegment segment() {
    return segment;
  }
}
