package dev.dioring.bindings;

import dev.dioring.bindings.generated.iouring.__kernel_timespec;
import dev.dioring.bindings.generated.iouring.io_uring_getevents_arg;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A time for the ring: as a timeout operation's argument, or to bound a wait in enter. */
public final class KernelTimespec {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final MemorySegment timespec;
  private final MemorySegment getEvents;

  public KernelTimespec(Arena arena) {
    timespec = arena.allocate(__kernel_timespec.layout());
    getEvents = arena.allocate(io_uring_getevents_arg.layout());
    io_uring_getevents_arg.ts(getEvents, timespec.address());
  }

  public KernelTimespec set(long nanos) {
    __kernel_timespec.tv_sec(timespec, nanos / NANOS_PER_SECOND);
    __kernel_timespec.tv_nsec(timespec, nanos % NANOS_PER_SECOND);
    return this;
  }

  public long address() {
    return timespec.address();
  }

  /** The argument of an enter with ENTER_EXT_ARG that waits no longer than this time. */
  public MemorySegment getEventsArgument() {
    return getEvents;
  }
}
