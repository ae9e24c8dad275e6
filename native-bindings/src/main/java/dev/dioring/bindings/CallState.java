package dev.dioring.bindings;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Where a system call leaves its errno. One thread at a time may use it; a thread with hot calls
 * owns one, the others share a small cache.
 */
public final class CallState implements AutoCloseable {
  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final long ERRNO = LAYOUT.byteOffset(groupElement("errno"));

  /** Free states for {@link #borrow}, as many as calls were ever under way at once. */
  private static final ConcurrentLinkedDeque<CallState> IDLE = new ConcurrentLinkedDeque<>();

  private final Arena arena;
  private final MemorySegment segment;

  private CallState(Arena arena) {
    this.arena = arena;
    this.segment = arena.allocate(LAYOUT);
  }

  /** A state that the caller closes. */
  public static CallState create() {
    return new CallState(Arena.ofShared());
  }

  /** A state for one call, to be given back with {@link #giveBack}. */
  static CallState borrow() {
    CallState state = IDLE.pollFirst();
    return state != null ? state : new CallState(Arena.global());
  }

  void giveBack() {
    IDLE.addFirst(this);
  }

  MemorySegment segment() {
    return segment;
  }

  /** Turns a libc result into the kernel's convention: the result, or {@code -errno}. */
  int result(int returned) {
    return returned == -1 ? -segment.get(ValueLayout.JAVA_INT, ERRNO) : returned;
  }

  /** As {@link #result(int)} for calls that return a long. */
  long result(long returned) {
    return returned == -1 ? -segment.get(ValueLayout.JAVA_INT, ERRNO) : returned;
  }

  @Override
  public void close() {
    arena.close();
  }
}
