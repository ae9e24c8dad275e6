package dev.dioring.bindings;

import dev.dioring.bindings.generated.iouring.io_uring_rsrc_update;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code struct io_uring_rsrc_update}: one slot of a registered table and its new content. */
public final class ResourceUpdate {
  /** Lets the kernel choose the slot, and write its number here. */
  public static final int ANY_INDEX = -1;

  private final MemorySegment segment;

  public ResourceUpdate(Arena arena) {
    segment = arena.allocate(io_uring_rsrc_update.layout());
  }

  public void set(int index, long data) {
    io_uring_rsrc_update.offset(segment, index);
    io_uring_rsrc_update.data(segment, data);
  }

  public int index() {
    return io_uring_rsrc_update.offset(segment);
  }

  public MemorySegment segment() {
    return segment;
  }
}
