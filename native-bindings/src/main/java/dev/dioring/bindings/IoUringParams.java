package dev.dioring.bindings;

import dev.dioring.bindings.generated.iouring.io_cqring_offsets;
import dev.dioring.bindings.generated.iouring.io_sqring_offsets;
import dev.dioring.bindings.generated.iouring.io_uring_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code struct io_uring_params}: what is asked of a new ring, and what the kernel answers. */
public final class IoUringParams {
  private final MemorySegment segment;

  public IoUringParams(Arena arena) {
    segment = arena.allocate(io_uring_params.layout());
  }

  /** The structure itself, for {@link IoUringCalls#setup}. */
  public MemorySegment segment() {
    return segment;
  }

  /** Clears everything and sets what is asked for; {@code cqEntries} counts with SETUP_CQSIZE. */
  public void ask(int flags, int cqEntries, int sqThreadIdleMillis) {
    segment.fill((byte) 0);
    io_uring_params.flags(segment, flags);
    io_uring_params.cq_entries(segment, cqEntries);
    io_uring_params.sq_thread_idle(segment, sqThreadIdleMillis);
  }

  public int flags() {
    return io_uring_params.flags(segment);
  }

  public int features() {
    return io_uring_params.features(segment);
  }

  public int sqEntries() {
    return io_uring_params.sq_entries(segment);
  }

  public int cqEntries() {
    return io_uring_params.cq_entries(segment);
  }

  public int sqHeadOffset() {
    return io_sqring_offsets.head(sq());
  }

  public int sqTailOffset() {
    return io_sqring_offsets.tail(sq());
  }

  public int sqFlagsOffset() {
    return io_sqring_offsets.flags(sq());
  }

  public int sqDroppedOffset() {
    return io_sqring_offsets.dropped(sq());
  }

  /** Where the index array starts; meaningless with SETUP_NO_SQARRAY. */
  public int sqArrayOffset() {
    return io_sqring_offsets.array(sq());
  }

  public int cqHeadOffset() {
    return io_cqring_offsets.head(cq());
  }

  public int cqTailOffset() {
    return io_cqring_offsets.tail(cq());
  }

  public int cqOverflowOffset() {
    return io_cqring_offsets.overflow(cq());
  }

  public int cqCqesOffset() {
    return io_cqring_offsets.cqes(cq());
  }

  private MemorySegment sq() {
    return io_uring_params.sq_off(segment);
  }

  private MemorySegment cq() {
    return io_uring_params.cq_off(segment);
  }
}
